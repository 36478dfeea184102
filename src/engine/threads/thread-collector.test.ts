import { expect, test } from "vitest";
import { CollectedChanges } from "../../batch/collected-changes.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { decodeBatch } from "../../runtime/exchange/batch-codec.ts";
import { T } from "../../types/data-type.ts";
import { threadCollector } from "./thread-collector.ts";

test("a thread that meets its barrier late does not take rows behind the barrier into the checkpoint", async () => {
  const committed: unknown[] = [];
  const collected = new CollectedChanges([T.int()], (change) => committed.push(change.row[0]));
  const calls = {
    collect: async (buffer: ArrayBuffer) => collected.batch(decodeBatch(buffer, ["i32"])),
    prepareCollected: async (checkpointId: number) => collected.prepare(checkpointId),
  };
  const [withRows, without] = [threadCollector(calls), threadCollector(calls)];
  const add = async (value: number): Promise<void> =>
    await withRows.batch({ rowCount: 1, columns: [columnOf(T.int(), [value])], kinds: undefined, steps: undefined });
  await add(1);
  await withRows.prepare!(1);
  await add(2);
  await without.prepare!(1);
  collected.commit(1);
  expect(committed).toEqual([1]);
  await withRows.prepare!(2);
  await without.prepare!(2);
  collected.commit(2);
  expect(committed).toEqual([1, 2]);
});
