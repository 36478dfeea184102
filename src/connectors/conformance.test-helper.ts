import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { reader } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType } from "../types/data-type.ts";
import type { Sink, Source } from "./api.ts";

/**
 * What every replayable source must do: each split, resumed from each position that it gave, goes on exactly as the
 * uninterrupted read did. `make` gives a new source over the same data. Throws BUG when it does not hold.
 */
export async function sourceConformance(
  make: () => Source,
  types: readonly DataType[],
  maxRows: number,
): Promise<void> {
  const splits = await make().discoverSplits(new Set());
  const again = await make().discoverSplits(new Set());
  check(JSON.stringify(splits) === JSON.stringify(again), "splits are the same in every list");
  check(new Set(splits.map(({ id }) => id)).size === splits.length, "split ids are unique");
  for (const split of splits) {
    const { rows, positions } = await read(make(), split, undefined, types, maxRows);
    for (const { position, count } of positions) {
      const resumed = await read(make(), split, JSON.parse(JSON.stringify(position)) as Json, types, maxRows);
      check(
        JSON.stringify(resumed.rows) === JSON.stringify(rows.slice(count)),
        `split ${split.id} resumed at ${JSON.stringify(position)} gives the rest of its rows`,
      );
    }
  }
}

async function read(
  source: Source,
  split: { id: string; data: Json },
  from: Json | undefined,
  types: readonly DataType[],
  maxRows: number,
) {
  const split_ = await source.openSplit(split, from);
  const rows: string[] = [];
  const positions: { position: Json; count: number }[] = [{ position: split_.position(), count: 0 }];
  for (;;) {
    const polled = await split_.poll(maxRows);
    if (polled === "end") break;
    if (polled === "idle") continue;
    check(polled.rowCount <= maxRows, "a batch has at most the rows that were asked for");
    rows.push(...texts(polled, types));
    positions.push({ position: split_.position(), count: rows.length });
  }
  await split_.close();
  return { rows, positions };
}

function texts(batch: RecordBatch, types: readonly DataType[]): string[] {
  const read = batch.columns.map((column, i) => reader(column, types[i]!));
  return Array.from({ length: batch.rowCount }, (_, row) =>
    JSON.stringify(
      read.map((value) => value(row)),
      (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
    ),
  );
}

/** A sink under test: `make` gives the sink object of one attempt of the same run, `visible` what readers see now. */
export interface SinkUnderTest {
  make(attempt: number): Sink;
  visible(): string[];
  /** A batch whose rows `visible` shows as these texts. */
  batch(rows: readonly string[]): RecordBatch;
}

/**
 * What every exactly-once sink must do: nothing is visible before its commit, committing twice is committing once,
 * and after a crash what was written behind the checkpoint is gone. Throws BUG when it does not hold.
 */
export async function exactlyOnceConformance(test: SinkUnderTest): Promise<void> {
  const expect = (rows: readonly string[], when: string): void => {
    check(
      JSON.stringify([...test.visible()].sort()) === JSON.stringify([...rows].sort()),
      `${when}: ${rows.join(",")} are visible, not ${test.visible().join(",")}`,
    );
  };
  const first = test.make(1);
  await first.discardAfter?.(undefined);
  const writer = await first.openWriter(0, []);
  await writer.write(test.batch(["a", "b"]));
  expect([], "before a checkpoint");
  const one = await writer.prepareCommit(1, false);
  expect([], "prepared");
  await first.commit?.(1, one.committables);
  await first.commit?.(1, one.committables);
  await writer.write(test.batch(["lost"]));
  await writer.prepareCommit(2, false);
  await writer.write(test.batch(["lost too"]));
  // The process is killed here: no close. The next attempt starts from checkpoint 1.
  const second = test.make(2);
  await second.commit?.(1, json(one.committables));
  await second.discardAfter?.(1);
  const restored = await second.openWriter(0, [json(one.state)]);
  await restored.write(test.batch(["c"]));
  const two = await restored.prepareCommit(2, true);
  await second.commit?.(2, json(two.committables));
  expect(["a", "b", "c"], "after a restore and the final commit");
  await second.commit?.(2, json(two.committables));
  await second.discardAfter?.(2);
  await restored.close(false);
  expect(["a", "b", "c"], "after a repeated commit");
}

function json<T extends Json | readonly Json[]>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new SqlError("BUG", `connector conformance: ${rule}`);
}
