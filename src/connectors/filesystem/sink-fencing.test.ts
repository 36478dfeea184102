import { beforeEach, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { T } from "../../types/data-type.ts";
import type { Prepared } from "../api.ts";
import { filesIn, scratchDirectory, tableRequest, testContext, type TestContext } from "../context.test-helper.ts";
import { lineFormat } from "../line-format.test-helper.ts";
import { FileSink } from "./sink.ts";

const LINE = [{ name: "text", type: T.string() }];

let directory = "";
let context: TestContext;
beforeEach(() => {
  directory = `${scratchDirectory()}/out`;
  context = testContext();
});

function sink(attempt: number, ownerMayLive: boolean): FileSink {
  const run = { jobName: "job", runId: "run-1", attempt, operatorId: "sink-1", ownerMayLive };
  return new FileSink(
    tableRequest(LINE, { connector: "filesystem", path: directory, format: "json" }, {}),
    context,
    run,
    lineFormat,
  );
}

function line(...texts: string[]): RecordBatch {
  return { rowCount: texts.length, columns: [columnOf(T.string(), texts)], kinds: undefined, steps: undefined };
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

function visible(): string[] {
  return Object.entries(filesIn(directory))
    .filter(([path]) => !path.split("/").some((name) => name.startsWith(".")))
    .flatMap(([, text]) => text.split("\n").filter((row) => row !== ""));
}

/** Goes on from what an earlier owner had prepared as checkpoint 1, and ends. */
async function goOn(prepared: Prepared, later: () => void): Promise<void> {
  const owner = sink(2, true);
  await owner.discardAfter(1);
  const writer = owner.openWriter(0, [json(prepared.state)]);
  later();
  writer.write(line("c"));
  later();
  const { committables } = writer.prepareCommit(2, true);
  later();
  await owner.commit(2, json(committables) as Json[]);
  writer.close(false);
}

it("an owner that was presumed dead and wakes up writes into no file of the new owner", async () => {
  const sleeper = sink(1, false);
  const asleep = sleeper.openWriter(0, []);
  asleep.write(line("a", "b"));
  const prepared = asleep.prepareCommit(1, false);
  let id = 2;
  await goOn(prepared, () => {
    asleep.write(line("x", "y"));
    // Flushes and syncs what it has.
    asleep.prepareCommit(id++, false);
  });
  expect(visible()).toEqual(["a", "b", "c"]);
  asleep.close(true);
  expect(visible()).toEqual(["a", "b", "c"]);
});

it("a crash right after the takeover finds the rows again", async () => {
  const sleeper = sink(1, false);
  const asleep = sleeper.openWriter(0, []);
  asleep.write(line("a", "b"));
  const prepared = asleep.prepareCommit(1, false);
  const owner = sink(2, true);
  await owner.discardAfter(1);
  owner.openWriter(0, [json(prepared.state)]).write(line("lost"));
  await goOn(prepared, () => undefined);
  expect(visible()).toEqual(["a", "b", "c"]);
});
