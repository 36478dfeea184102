import { expect, test } from "vitest";
import { CollectedChanges } from "./collected-changes.ts";
import { columnOf } from "./column-builder.ts";
import { T } from "../types/data-type.ts";

test("changes count when their checkpoint is complete, or a later one", () => {
  const committed: unknown[] = [];
  const collected = new CollectedChanges([T.int()], (change) => committed.push(change.row[0]));
  const add = (value: number): void =>
    collected.batch({ rowCount: 1, columns: [columnOf(T.int(), [value])], kinds: undefined, steps: undefined });
  add(1);
  collected.prepare(1);
  add(2);
  expect(committed).toEqual([]);
  collected.prepare(2);
  add(3);
  collected.commit(2);
  expect(committed).toEqual([1, 2]);
  collected.commit(2);
  collected.prepare(3);
  add(4);
  collected.discardAfter();
  add(5);
  collected.prepare(4);
  collected.commit(4);
  expect(committed).toEqual([1, 2, 5]);
});
