import { expect, test } from "vitest";
import { decodePlain, encodePlain } from "./plain-json.ts";

test("what JSON does not have comes back as it was", () => {
  const value = {
    big: -9_223_372_036_854_775_808n,
    bytes: Uint8Array.of(0, 255),
    numbers: [NaN, Infinity, -Infinity, -0, 0, 1.5],
    holes: [undefined, null, "x"],
    map: new Map([["k", 1n]]),
    nested: { $other: "not a tag" },
  };
  const back = decodePlain(JSON.parse(JSON.stringify(encodePlain(value))));
  expect(back).toStrictEqual(value);
  expect(Object.is((back as typeof value).numbers[3], -0)).toBe(true);
});

test("spans and absent fields are left out", () => {
  expect(encodePlain({ kind: "x", span: { start: 1, end: 2 }, absent: undefined })).toEqual({ kind: "x" });
});
