import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { columnOf } from "../batch/column-builder.ts";
import { changesOf } from "../batch/changes.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { stepsOf } from "../batch/steps.ts";
import type { Sink } from "../connectors/api.ts";
import { T } from "../types/data-type.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";
import { BadRecordRouter } from "./bad-records.ts";
import { SinkTask, collectSink } from "./sink-task.ts";
import type { SinkSpec } from "./spec.ts";

const KINDS = ["+I", "-U", "+U", "-D"];

type Change = readonly [kind: string, ...row: Value[]];

function batchOf(
  fields: readonly Field[],
  changes: readonly Change[],
  ...steps: readonly (readonly [number, number])[]
): RecordBatch {
  return {
    rowCount: changes.length,
    columns: fields.map((f, i) =>
      columnOf(
        f.type,
        changes.map((c) => c[i + 1] as Value),
      ),
    ),
    kinds: Uint8Array.from(changes, (c) => KINDS.indexOf(c[0])),
    steps: stepsOf(steps),
  };
}

/** A sink that remembers what it was told. */
function recordingSink(
  fields: readonly Field[],
  write?: () => Promise<void>,
): { readonly sink: Sink; readonly seen: string[] } {
  const seen: string[] = [];
  const types = fields.map((f) => f.type);
  return {
    seen,
    sink: {
      guarantee: "exactly-once",
      openWriter: (_subtask, restored) => {
        if (restored.length > 0) seen.push(`restored ${JSON.stringify(restored)}`);
        return {
          write: (batch) => {
            for (const { kind, row } of changesOf(batch, types))
              seen.push(
                `${kind} ${row.map((v) => (v instanceof Uint8Array ? `x${[...v].join(".")}` : JSON.stringify(v))).join(" ")}`,
              );
            return write?.();
          },
          watermark: (millis) => seen.push(`W ${millis}`),
          prepareCommit: (checkpointId, final) => ({ committables: [checkpointId], state: final }),
          close: (aborted) => void seen.push(aborted ? "aborted" : "closed"),
        };
      },
    },
  };
}

async function written(
  fields: readonly Field[],
  constraints: Partial<SinkSpec>,
  changes: readonly Change[],
): Promise<readonly string[]> {
  const spec: SinkSpec = {
    kind: "sink",
    fields,
    target: { type: "collect" },
    notNull: [],
    notNullMode: "error",
    lengthMode: "ignore",
    ...constraints,
  };
  const { sink, seen } = recordingSink(fields);
  const task = new SinkTask("s", spec, sink, 1, () => undefined);
  await task.open(0, []);
  try {
    task.batch(0, batchOf(fields, changes));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    seen.push(`${error.code} ${error.message}`);
  }
  return seen;
}

const KN: readonly Field[] = [
  { name: "k", type: T.string() },
  { name: "n", type: T.int() },
];

describe("NOT NULL", () => {
  it("fails the job", async () => {
    expect(
      await written(KN, { notNull: [1] }, [
        ["+I", "a", 1],
        ["+I", "b", null],
      ]),
    ).toEqual(["NOT_NULL_VIOLATION Column 'n' is NOT NULL, however, a null value is being written into it."]);
  });

  it("or drops the row, of any kind", async () => {
    const changes: readonly Change[] = [
      ["+I", "a", 1],
      ["+I", "b", null],
      ["-U", "a", 1],
      ["+U", null, 2],
      ["-D", "c", null],
      ["+I", null, null],
    ];
    expect(await written(KN, { notNull: [0, 1], notNullMode: "drop" }, changes)).toEqual(['+I "a" 1', '-U "a" 1']);
  });

  it("writes nothing at all when no row is left", async () => {
    expect(await written(KN, { notNull: [1], notNullMode: "drop" }, [["+I", "a", null]])).toEqual([]);
  });

  it("leaves other columns alone", async () => {
    expect(await written(KN, { notNull: [0] }, [["+I", "a", null]])).toEqual(['+I "a" null']);
  });
});

describe("lengths", () => {
  const of = (type: DataType): readonly Field[] => [{ name: "c", type }];
  const char: DataType = { kind: "CHAR", length: 3, nullable: true };
  const varchar: DataType = { kind: "VARCHAR", length: 3, nullable: true };
  const binary: DataType = { kind: "BINARY", length: 3, nullable: true };
  const varbinary: DataType = { kind: "VARBINARY", length: 3, nullable: true };

  it.each<readonly [mode: SinkSpec["lengthMode"], type: DataType, value: Value, expected: string]>([
    ["ignore", varchar, "abcdef", '+I "abcdef"'],
    ["ignore", char, "a", '+I "a"'],
    ["trim-pad", varchar, "abcdef", '+I "abc"'],
    ["trim-pad", varchar, "a", '+I "a"'],
    ["trim-pad", varchar, "", '+I ""'],
    ["trim-pad", varchar, null, "+I null"],
    ["trim-pad", char, "a", '+I "a  "'],
    ["trim-pad", char, "", '+I "   "'],
    ["trim-pad", char, "abcd", '+I "abc"'],
    // Characters are code points.
    ["trim-pad", varchar, "🙂🙂🙂🙂", '+I "🙂🙂🙂"'],
    ["trim-pad", char, "🙂", '+I "🙂  "'],
    ["trim-pad", binary, Uint8Array.of(1), "+I x1.0.0"],
    ["trim-pad", binary, Uint8Array.of(1, 2, 3, 4), "+I x1.2.3"],
    ["trim-pad", varbinary, Uint8Array.of(1, 2, 3, 4), "+I x1.2.3"],
    ["trim-pad", varbinary, Uint8Array.of(1), "+I x1"],
    ["trim-pad", T.int(), 12345, "+I 12345"],
    ["error", varchar, "abc", '+I "abc"'],
    [
      "error",
      varchar,
      "abcd",
      "VALUE_OUT_OF_RANGE Column 'c' is VARCHAR(3), however, a value of 4 characters is being written into it.",
    ],
    [
      "error",
      char,
      "ab",
      "VALUE_OUT_OF_RANGE Column 'c' is CHAR(3), however, a value of 2 characters is being written into it.",
    ],
    ["error", char, "🙂🙂🙂", '+I "🙂🙂🙂"'],
  ])("%s: %j takes %j", async (lengthMode, type, value, expected) => {
    expect(await written(of(type), { lengthMode }, [["+I", value]])).toEqual([expected]);
  });
});

describe("a sink in a job", () => {
  const spec: SinkSpec = {
    kind: "sink",
    fields: KN,
    target: { type: "collect" },
    notNull: [],
    notNullMode: "error",
    lengthMode: "ignore",
  };

  it("hears rows, the last watermark of a batch, barriers and the end", async () => {
    const { sink, seen } = recordingSink(KN);
    const task = new SinkTask("s", spec, sink, 1, (id) => seen.push(`barrier ${id}`));
    await task.open(0, [{ open: "file" }]);
    task.batch(0, batchOf(KN, [["+I", "a", 1]], [0, 5], [1, 7]));
    task.batch(0, batchOf(KN, [], [0, 9]));
    task.barrier(0, 4);
    expect(await task.prepare(4, true)).toEqual({ committables: [4], state: true });
    task.end(0);
    await task.close(false);
    expect(seen).toEqual(['restored [{"open":"file"}]', '+I "a" 1', "W 7", "W 9", "barrier 4", "closed"]);
    expect([task.rows, task.ended]).toEqual([1, true]);
  });

  it("keeps what the writer waits for, and its failure goes unheard until it is asked for", async () => {
    const { sink } = recordingSink(KN, () => Promise.reject(new SqlError("IO", "full")));
    const task = new SinkTask("s", spec, sink, 1, () => undefined);
    await task.open(0, []);
    task.batch(0, batchOf(KN, [["+I", "a", 1]]));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(task.pending).toHaveLength(1);
    await expect(task.pending[0]).rejects.toThrow("full");
  });

  it("is closed once", async () => {
    const { sink, seen } = recordingSink(KN);
    const task = new SinkTask("s", spec, sink, 1, () => undefined);
    await task.open(0, []);
    await task.close(true);
    await task.close(false);
    expect(seen).toEqual(["aborted"]);
    expect(() => task.writer).toThrow("sink s is not open");
  });

  it("bad records are rows of their table, in order and once", async () => {
    const fields: readonly Field[] = [
      { name: "raw", type: T.string() },
      { name: "reason", type: T.string() },
      { name: "source", type: T.string() },
      { name: "position", type: T.bigint() },
    ];
    const { sink, seen } = recordingSink(fields.map((f) => (f.name === "position" ? { ...f, type: T.bigint() } : f)));
    const lines: string[] = [];
    const task = new SinkTask(
      "s",
      { ...spec, fields },
      {
        ...sink,
        openWriter: () => ({
          write: (batch) =>
            changesOf(
              batch,
              fields.map((f) => f.type),
            ).forEach(({ row }) => lines.push(row.map(String).join("|"))),
          prepareCommit: () => ({ committables: [], state: null }),
          close: () => undefined,
        }),
      },
      0,
      () => undefined,
    );
    await task.open(0, []);
    const router = new BadRecordRouter();
    router.add("scan", { raw: "x,y", reason: "too many", offset: 3, source: "a.csv" });
    router.add("scan", { raw: "", reason: "empty", offset: 9, source: "a.csv" });
    router.add("other", { raw: "z", reason: "elsewhere", offset: 0, source: "b.csv" });
    router.flush("scan", task);
    router.flush("scan", task);
    router.flush("nobody", task);
    expect(lines).toEqual(["x,y|too many|a.csv|3", "|empty|a.csv|9"]);
    expect(seen).toEqual([]);
  });
});

describe("the sink of a SELECT", () => {
  it("without transactions promises less and commits nothing", () => {
    const sink = collectSink({ batch: () => undefined });
    expect(sink.guarantee).toBe("at-least-once");
  });

  it("passes the parts of a transaction on", async () => {
    const seen: string[] = [];
    const sink = collectSink({
      batch: (batch) => void seen.push(`batch of ${batch.rowCount}`),
      prepare: (id) => void seen.push(`prepare ${id}`),
      commit: (id) => seen.push(`commit ${id}`),
      discardAfter: () => seen.push("discard"),
    });
    const writer = await sink.openWriter(0, []);
    await writer.write(batchOf(KN, [["+I", "a", 1]]));
    const { committables } = await writer.prepareCommit(5, false);
    await sink.commit!(5, committables);
    await sink.discardAfter!(5);
    expect([sink.guarantee, seen]).toEqual(["exactly-once", ["batch of 1", "prepare 5", "commit 5", "discard"]]);
  });
});
