import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { FileStorage } from "../../storage/file-storage.ts";
import { nodeFiles } from "../../storage/file-system.ts";
import type { Place } from "../../storage/place.ts";
import { T, type Field, type Value } from "../../types/data-type.ts";
import type { TableRequest } from "../api.ts";
import { exactlyOnceConformance } from "../conformance.test-helper.ts";
import { filesIn, scratchDirectory, tableRequest, testContext, type TestContext } from "../context.test-helper.ts";
import { lineFormat } from "../line-format.test-helper.ts";
import { RemoteFileSink } from "./remote-sink.ts";

const LINE = [{ name: "text", type: T.string() }];
const DAYS = [...LINE, { name: "day", type: T.string() }];

let root = "";
let context: TestContext;
beforeEach(() => {
  root = scratchDirectory();
  context = testContext();
});

function batchOf(fields: readonly Field[], rows: readonly (readonly Value[])[]): RecordBatch {
  const columns = fields.map(({ type }, i) =>
    columnOf(
      type,
      rows.map((row) => row[i] ?? null),
    ),
  );
  return { rowCount: rows.length, columns, kinds: undefined, steps: undefined };
}

const line = (...texts: string[]): RecordBatch =>
  batchOf(
    LINE,
    texts.map((text) => [text]),
  );

function sink(attempt = 1, options: Record<string, string> = {}, more: Partial<TableRequest> = {}): RemoteFileSink {
  const place: Place = { storage: new FileStorage(root, nodeFiles), path: "out", location: "test://out" };
  const table = tableRequest(
    more.physical ?? LINE,
    { connector: "filesystem", path: "s3://bucket/out", format: "json", ...options },
    more,
  );
  const run = { jobName: "job", runId: "run-1", attempt, operatorId: "sink-1" };
  return new RemoteFileSink(table, context, run, { format: lineFormat, place: Promise.resolve(place) });
}

/** Texts of the objects' rows, sorted. */
function visible(): string[] {
  return Object.entries(filesIn(root))
    .filter(([path]) => !path.split("/").some((name) => name.startsWith(".") || name.startsWith("_")))
    .flatMap(([, text]) => text.split("\n").filter((row) => row !== ""))
    .sort();
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

describe("exactly once", () => {
  it("keeps the rules of every exactly-once sink, and leaves nothing staged", async () => {
    await exactlyOnceConformance({ make: (attempt) => sink(attempt), visible, batch: (rows) => line(...rows) });
    expect(Object.keys(filesIn(root)).filter((path) => path.includes("/."))).toEqual([]);
  });

  it("rolls by size", async () => {
    await exactlyOnceConformance({
      make: (attempt) => sink(attempt, { "sink.rolling-policy.file-size": "1 b" }),
      visible,
      batch: (rows) => line(...rows),
    });
  });

  it("from an older checkpoint: what came after it is taken back, and said", async () => {
    const first = sink(1);
    const writer = await first.openWriter(0, []);
    const prepared = [];
    for (const [i, text] of ["a", "b", "c"].entries()) {
      await writer.write(line(text));
      prepared.push(await writer.prepareCommit(i + 1, false));
      await first.commit(i + 1, prepared[i]!.committables);
    }
    expect(visible()).toEqual(["a", "b", "c"]);
    const second = sink(2);
    await second.commit(1, json(prepared[0]!.committables) as Json[]);
    await second.discardAfter(1);
    expect(visible()).toEqual(["a"]);
    expect(context.printed.join("")).toContain("2 finished files were removed because their rows are written again");
    const again = await second.openWriter(0, [json(prepared[0]!.state)]);
    await again.write(line("b", "c"));
    await second.commit(2, (await again.prepareCommit(2, true)).committables);
    expect(visible()).toEqual(["a", "b", "c"]);
  });

  it("what nobody prepared is gone after close", async () => {
    const one = sink();
    const writer = await one.openWriter(0, []);
    await writer.write(line("x".repeat(2 << 20)));
    await writer.write(line("y"));
    await writer.close(true);
    expect(filesIn(root)).toEqual({});
  });

  it("a staged object that someone has removed is a loss that is told", async () => {
    const one = sink();
    const writer = await one.openWriter(0, []);
    await writer.write(line("a"));
    const { committables } = await writer.prepareCommit(1, false);
    await sink(2).discardAfter(0);
    await expect(sink(3).commit(1, committables)).rejects.toMatchObject({
      code: "IO",
      message: expect.stringContaining("its rows are lost") as string,
    });
  });
});

it("partitions: folders, and a marker when they are complete", async () => {
  const options = { "sink.partition-commit.policy.kind": "success-file" };
  const table = { physical: DAYS, partitionKeys: ["day"] };
  const one = sink(1, options, table);
  const writer = await one.openWriter(0, []);
  await writer.write(
    batchOf(DAYS, [
      ["a", "1"],
      ["b", "2"],
      ["c", "1"],
      ["d", null],
    ]),
  );
  const { committables } = await writer.prepareCommit(1, true);
  await one.commit(1, committables);
  const names = Object.keys(filesIn(root)).map((path) => path.replace(/part-.*/, "part"));
  expect(names.toSorted()).toEqual([
    "out/day=1/_SUCCESS",
    "out/day=1/part",
    "out/day=2/_SUCCESS",
    "out/day=2/part",
    "out/day=__HIVE_DEFAULT_PARTITION__/_SUCCESS",
    "out/day=__HIVE_DEFAULT_PARTITION__/part",
  ]);
  expect(visible()).toEqual(["a", "b", "c", "d"]);
});

it("memory is bounded where rows of many partitions wait", async () => {
  const table = { physical: DAYS, partitionKeys: ["day"] };
  const one = sink(1, {}, table);
  const writer = await one.openWriter(0, []);
  const text = "z".repeat(200_000);
  for (let round = 0; round < 3; round++)
    await writer.write(
      batchOf(
        DAYS,
        Array.from({ length: 420 }, (_, i) => [text, String(i)]),
      ),
    );
  await one.commit(1, (await writer.prepareCommit(1, true)).committables);
  expect(visible()).toHaveLength(3 * 420);
});
