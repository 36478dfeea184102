import { randomBytes } from "node:crypto";
import { beforeAll, describe, inject } from "vitest";
import { KafkaBroker, type BrokerOptions } from "./broker.ts";
import { whyNoBroker } from "./jars.ts";
import { sharedBroker } from "./shared-broker.ts";
import { TopicReader, whyNoTopicReader } from "./topic-reader.ts";

/** Time for the first start on a machine, which fetches the jars. */
const START_MILLIS = 300_000;

/**
 * Tests against the run's broker (or the one that KAFKA_BOOTSTRAP_SERVERS names). `body` gets a function that gives
 * `bootstrap.servers` inside tests. Where no broker can run, the tests are skipped by name, with the reason; with
 * MILLRACE_TEST_KAFKA=required that is a failure.
 */
export function describeKafka(name: string, body: (bootstrap: () => string) => void): void {
  const given = process.env["KAFKA_BOOTSTRAP_SERVERS"];
  describeWithBroker(name, given === undefined ? whyNoBroker() : undefined, () => {
    let bootstrap = given;
    beforeAll(async () => {
      bootstrap ??= (await sharedBroker(inject("kafkaRunFolder"), inject("kafkaOwner"))).bootstrap;
    }, START_MILLIS);
    body(() => bootstrap ?? "");
  });
}

/** Tests with a broker of their own: to kill, or with other listeners. It is stopped afterwards; `options` are made just before its start. */
export function describeOwnKafka(
  name: string,
  options: () => BrokerOptions,
  body: (broker: () => KafkaBroker) => void,
): void {
  describeWithBroker(name, whyNoBroker(), () => {
    let broker: KafkaBroker | undefined;
    beforeAll(async () => {
      broker = await KafkaBroker.start(options());
      return () => broker?.stop();
    }, START_MILLIS);
    body(() => {
      if (broker === undefined) throw new Error("the broker runs inside tests only");
      return broker;
    });
  });
}

/** Tests with three brokers of their own, of which one may be away: leaders move. */
export function describeKafkaCluster(name: string, body: (brokers: () => readonly KafkaBroker[]) => void): void {
  describeWithBroker(name, whyNoBroker(), () => {
    let brokers: readonly KafkaBroker[] = [];
    beforeAll(async () => {
      brokers = await KafkaBroker.startCluster(3);
      return async () => {
        await Promise.all(brokers.map((broker) => broker.stop()));
      };
    }, START_MILLIS);
    body(() => brokers);
  });
}

/** A broker of one's own with Java's own consumer beside the broker, which says what a read_committed reader sees. */
export function describeKafkaWithJava(
  name: string,
  options: () => BrokerOptions,
  body: (broker: () => KafkaBroker, reader: () => TopicReader) => void,
): void {
  describeWithBroker(name, whyNoBroker() ?? whyNoTopicReader(), () => {
    let broker: KafkaBroker | undefined;
    let reader: TopicReader | undefined;
    beforeAll(async () => {
      broker = await KafkaBroker.start(options());
      reader = await TopicReader.start(broker.bootstrap());
      return async () => {
        reader?.close();
        await broker?.stop();
      };
    }, START_MILLIS);
    body(
      () => broker!,
      () => reader!,
    );
  });
}

/** A name that no other test uses. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString("hex")}`;
}

function describeWithBroker(name: string, why: string | undefined, body: () => void): void {
  const required = process.env["MILLRACE_TEST_KAFKA"] === "required";
  if (why !== undefined && !required) process.stderr.write(`skipped: ${name}: ${why}\n`);
  describe.runIf(why === undefined || required)(`${name}`, () => {
    beforeAll(() => {
      if (why !== undefined) throw new Error(`no broker (MILLRACE_TEST_KAFKA=required): ${why}`);
    });
    body();
  });
}
