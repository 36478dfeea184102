// Kafka topics between this engine and real Flink: `npm run kafka:flink -- [--accept] [case …]`.
//
// Each engine writes the rows of each case of sql-tests/kafka/exchange/cases.ts with the same DDL; the records must be the
// same, and each reads what the other wrote. Needs a Flink 2.2 with the connector
// org.apache.flink:flink-sql-connector-kafka:4.0.1-2.0 in its lib/ and its SQL gateway at FLINK_GATEWAY (127.0.0.1:8083);
// without one this is skipped by name. --accept: what Flink did becomes what sql-tests/kafka/exchange.test.ts expects.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KafkaBroker } from "../kafka-broker/broker.ts";
import { whyNoBroker } from "../kafka-broker/jars.ts";
import { comparable, EXCHANGE_CASES, recordTexts, type ExchangeCase } from "../../sql-tests/kafka/exchange/cases.ts";
import { reading, runHere, writing } from "../../sql-tests/kafka/exchange/millrace.ts";
import { recordsOf, type TextRecord } from "../../sql-tests/kafka/exchange/records.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { FlinkGateway } from "./gateway.ts";

const ANSWERS = fileURLToPath(new URL("../../sql-tests/kafka/exchange/flink-answers.json", import.meta.url));
const arguments_ = process.argv.slice(2);
const isAccepting = arguments_.includes("--accept");
const names = arguments_.filter((each) => !each.startsWith("--"));
const address = process.env["FLINK_GATEWAY"] ?? "127.0.0.1:8083";
const flink = new FlinkGateway(address);
const version = await flink.version();
const why = version === undefined ? `no SQL gateway of Flink at ${address} (FLINK_GATEWAY)` : whyNoBroker();
if (why !== undefined) {
  console.log(`skipped: Kafka topics between this engine and Flink: ${why}`);
  process.exit(0);
}
const broker = await KafkaBroker.start();
const bootstrap = broker.bootstrap();
const client = await connectKafka({ "bootstrap.servers": bootstrap });
const engines = [
  ["Flink", (statements: readonly string[]) => flink.run(statements)],
  ["millrace", runHere],
] as const;
const answers = JSON.parse(readFileSync(ANSWERS, "utf8")) as Record<string, object>;
let failures = 0;
try {
  for (const one of EXCHANGE_CASES) {
    if (names.length > 0 && !names.some((name) => one.name.includes(name))) continue;
    const differences = await exchange(one);
    failures += differences.length;
    console.log(`${differences.length === 0 ? "same" : "DIFFERENT"}  ${one.name}`);
    for (const difference of differences) console.log(difference);
  }
} finally {
  await client.close();
  await broker.stop();
}
if (isAccepting) writeFileSync(ANSWERS, `${JSON.stringify(answers, null, 2)}\n`);
console.log(`Flink ${version}: ${failures} differences`);
process.exitCode = failures === 0 ? 0 : 1;

async function exchange(one: ExchangeCase): Promise<string[]> {
  const differences: string[] = [];
  const written: string[] = [];
  const read: string[] = [];
  const compare = (what: string, texts: readonly string[]): void => {
    const [first = ""] = texts;
    const other = texts.find((text) => text !== first);
    if (other !== undefined) differences.push(`  ${what}:`, ...lines(first, other));
  };
  for (const [writer, write] of engines) {
    const topic = `${one.name.replaceAll(/\W+/g, "-")}-${writer}`;
    await client.admin.createTopics([{ topic, partitions: one.partitions, config: { "retention.ms": "-1" } }]);
    try {
      await write(writing(one, topic, bootstrap));
    } catch (error) {
      differences.push(`  ${writer} does not write: ${String(error)}`);
      continue;
    }
    const records = recordTexts(one, await recordsOf(client, topic));
    written.push(records.join("\n"));
    const rows: string[] = [];
    for (const [reader, run] of engines) {
      try {
        rows.push(comparable(one, await run(reading(one, topic, bootstrap))).join("\n"));
      } catch (error) {
        differences.push(`  ${reader} does not read what ${writer} wrote: ${String(error)}`);
      }
    }
    compare(`what Flink and millrace read of ${writer}'s`, rows);
    read.push(rows[0] ?? "");
    if (writer === "Flink") accept(one, records, rows[0] ?? "");
  }
  compare("records of Flink and millrace", written);
  compare("rows of Flink's and of millrace's topic", read);
  return differences;
}

function accept(one: ExchangeCase, records: readonly string[], rows: string): void {
  if (!isAccepting) return;
  answers[one.name] = {
    records: records.map((text) => JSON.parse(text) as TextRecord),
    rows: rows === "" ? [] : rows.split("\n"),
  };
}

function lines(a: string, b: string): string[] {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const count = Math.max(left.length, right.length);
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => left[i] !== right[i])
    .slice(0, 5)
    .flatMap((i) => [`    - ${left[i]}`, `    + ${right[i]}`]);
}
