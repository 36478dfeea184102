import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeKafka, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { comparable, EXCHANGE_CASES, recordTexts } from "./exchange/cases.ts";
import { reading, runHere, writing } from "./exchange/millrace.ts";
import { recordsOf, writeRecords, type TextRecord } from "./exchange/records.ts";

/** Times of records are long ago. */
const KEPT = { "retention.ms": "-1" };

interface Answer {
  readonly records: readonly TextRecord[];
  readonly rows: readonly string[];
}

/** What Flink 2.2.1 wrote and read (scripts/kafka-flink/run.ts --accept). */
const ANSWERS = JSON.parse(readFileSync(new URL("exchange/flink-answers.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Answer>
>;

describeKafka("Topics shared with Flink", (bootstrap) => {
  test("there is an answer of Flink for each case, and no other", () => {
    expect(Object.keys(ANSWERS).toSorted()).toEqual(EXCHANGE_CASES.map(({ name }) => name).toSorted());
  });

  test.each(EXCHANGE_CASES)("$name", { timeout: 60_000 }, async (one) => {
    const { records, rows } = ANSWERS[one.name]!;
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    try {
      const [own, flinks] = [freshName("exchange"), freshName("exchange")];
      await client.admin.createTopics(
        [own, flinks].map((topic) => ({ topic, partitions: one.partitions, config: KEPT })),
      );
      await runHere(writing(one, own, bootstrap()));
      expect(recordTexts(one, await recordsOf(client, own))).toEqual(recordTexts(one, records));
      await writeRecords(client, flinks, records);
      expect(comparable(one, await runHere(reading(one, flinks, bootstrap())))).toEqual(rows);
    } finally {
      await client.close();
    }
  });
});
