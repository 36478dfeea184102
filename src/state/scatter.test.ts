import { expect, test } from "vitest";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import { T } from "../types/data-type.ts";
import { createStoredColumn } from "./columns.ts";
import { scatter } from "./scatter.ts";

const TEXT = T.string();

test("texts go to their slots, NULL rows (whose lengths mean nothing) and replaced values leave no bytes behind", () => {
  const target = createStoredColumn({ name: "t", type: TEXT, initial: "none" }, 8);
  const data = Buffer.from("abcdefghijklmnopqrstuvwxyz");
  const source: Column = {
    storage: "bytes",
    data,
    starts: Int32Array.of(0, 3, 5, 9),
    lengths: Int32Array.of(3, 0x7fffffff, 0, 17),
    nulls: Uint8Array.of(0, 1, 0, 0),
  };
  scatter(target, Int32Array.of(5, 2, 0, 7), 4, source);
  scatter(target, Int32Array.of(5, 1), 2, source, Int32Array.of(3, 0));
  const shown = Array.from({ length: 8 }, (_, slot) => valueAt(target as unknown as Column, slot, TEXT));
  expect(shown).toEqual(["", "abc", null, "none", "none", "jklmnopqrstuvwxyz", "none", "jklmnopqrstuvwxyz"]);
  expect(target).toMatchObject({ arenaBytes: 4 + 17 + 17 + 3 });
});
