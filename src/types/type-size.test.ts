import { expect, test } from "vitest";
import type { DataType } from "./data-type.ts";
import { T } from "./data-type.ts";
import { typeBytes } from "./type-size.ts";

const row: DataType = {
  kind: "ROW",
  nullable: true,
  fields: [
    { name: "a", type: T.int() },
    { name: "b", type: { kind: "ARRAY", element: T.bigint(), nullable: true } },
  ],
};

test.each<readonly [DataType, number]>([
  [T.boolean(), 1],
  [T.int(), 4],
  [T.bigint(), 8],
  [T.string(), 24],
  [{ kind: "VARCHAR", length: 3, nullable: true }, 3],
  [{ kind: "CHAR", length: 50, nullable: true }, 50],
  [{ kind: "DECIMAL", precision: 38, scale: 0, nullable: true }, 16],
  [{ kind: "MAP", key: T.int(), value: T.int(), nullable: true }, 32],
  [row, 36],
])("%o takes %i bytes", (type, bytes) => {
  expect(typeBytes(type)).toBe(bytes);
});
