import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { nodeFilesSync, type SyncFileSystem } from "../../storage/file-system.ts";
import { thisMachine } from "../../storage/machine.ts";
import { T } from "../../types/data-type.ts";
import { exactlyOnceConformance } from "../conformance.test-helper.ts";
import { filesIn, scratchDirectory, tableRequest, testContext } from "../context.test-helper.ts";
import { lineFormat } from "../line-format.test-helper.ts";
import { compactionGroups } from "./compaction.ts";
import { FileSink } from "./sink.ts";

let directory = "";
beforeEach(() => {
  directory = `${scratchDirectory()}/out`;
});

const OPTIONS = { "auto-compaction": "true", "compaction.file-size": "1 kb" };

function sink(
  attempt: number,
  files: SyncFileSystem = nodeFilesSync,
  options: Record<string, string> = OPTIONS,
): FileSink {
  const table = tableRequest(
    [{ name: "text", type: T.string() }],
    { connector: "filesystem", path: directory, format: "json", ...options },
    {},
  );
  const context = { ...testContext(), machine: { ...thisMachine, filesSync: files } };
  return new FileSink(table, context, { jobName: "job", runId: "run-1", attempt, operatorId: "sink-1" }, lineFormat);
}

function lines(...texts: string[]): RecordBatch {
  return { rowCount: texts.length, columns: [columnOf(T.string(), texts)], kinds: undefined, steps: undefined };
}

const visible = (): string[] =>
  Object.entries(filesIn(directory))
    .filter(([path]) => !path.startsWith("."))
    .flatMap(([, text]) => text.split("\n").filter((row) => row !== ""))
    .sort();

/** Committables of one checkpoint of three writers. */
function threeWriters(): readonly Json[] {
  const made = sink(1);
  return ["a", "b", "c"].flatMap((text, subtask) => {
    const writer = made.openWriter(subtask, []);
    writer.write(lines(text, `${text}${text}`));
    const { committables } = writer.prepareCommit(1, false);
    writer.close(false);
    return committables;
  });
}

/** Every call before the n-th works, all from it on fail. */
function failingAt(n: number): SyncFileSystem {
  let calls = 0;
  return Object.fromEntries(
    Object.entries(nodeFilesSync).map(([name, call]) => [
      name,
      (...args: never[]) => {
        calls += 1;
        if (calls >= n && name !== "close") throw Object.assign(new Error("broken"), { code: "EIO" });
        return (call as (...a: never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as SyncFileSystem;
}

describe("auto-compaction", () => {
  it("keeps the rules of every exactly-once sink", async () => {
    await exactlyOnceConformance({ make: (attempt) => sink(attempt), visible, batch: (rows) => lines(...rows) });
  });

  it("the files of one checkpoint become one, in the order of the writers", async () => {
    const committables = threeWriters();
    await sink(1).commit(1, [...committables].reverse());
    const names = readdirSync(directory);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^compacted-part-/);
    expect(readFileSync(`${directory}/${names[0]!}`, "utf8")).toBe("a\naa\nb\nbb\nc\ncc\n");
  });

  it("files are put together up to the size, larger ones stay alone", () => {
    const part = (number: number, length: number) => ({
      directory: "d",
      part: `part-0123456789ab-1-0-0-${number}`,
      length,
    });
    const lengths = compactionGroups([part(0, 60), part(1, 30), part(2, 20), part(3, 500), part(10, 1)], 100).map(
      (group) => group.map((each) => each.length),
    );
    expect(lengths).toEqual([[60, 30], [20], [500], [1]]);
  });

  it("a commit that breaks anywhere is done by the next one", async () => {
    let broken = 0;
    for (let n = 1; ; n++) {
      directory = `${scratchDirectory()}/out`;
      const committables = threeWriters();
      const failed = await sink(1, failingAt(n))
        .commit(1, committables)
        .then(
          () => false,
          () => true,
        );
      if (!failed) break;
      broken += 1;
      const next = sink(2);
      await next.commit(1, committables);
      await next.discardAfter(1);
      expect(visible()).toEqual(["a", "aa", "b", "bb", "c", "cc"]);
      expect(readdirSync(directory)).toHaveLength(1);
    }
    expect(broken).toBeGreaterThan(20);
  });

  it("output of a checkpoint that no restore knows is hidden", async () => {
    await sink(1).commit(1, threeWriters());
    await sink(2).discardAfter(0);
    expect(visible()).toEqual([]);
    expect(readdirSync(directory)[0]).toMatch(/^\.compacted-part-.*\.superseded$/);
  });

  it("a checkpoint says itself whether its files are compacted", async () => {
    const committables = threeWriters();
    await sink(2, nodeFilesSync, {}).commit(1, committables);
    expect(readdirSync(directory)).toHaveLength(1);
  });
});
