import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { asSqlError, closeQuietly } from "./failures.ts";

describe("any error as a SqlError", () => {
  const known = new SqlError("IO", "gone");

  it.each<readonly [what: string, error: unknown, code: string, message: string]>([
    ["a SqlError stays", known, "IO", "gone"],
    [
      "of the file system",
      Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" }),
      "IO",
      "ENOENT: no such file",
    ],
    [
      "of memory",
      new RangeError("Array buffer allocation failed"),
      "OUT_OF_MEMORY",
      "out of memory: Array buffer allocation failed",
    ],
    [
      "of too long a text",
      new RangeError("Invalid string length"),
      "OUT_OF_MEMORY",
      "out of memory: Invalid string length",
    ],
    [
      "another range is a mistake of ours",
      new RangeError("toString() radix must be between 2 and 36"),
      "BUG",
      "toString() radix must be between 2 and 36",
    ],
    ["a TypeError too", new TypeError("x is not a function"), "BUG", "x is not a function"],
    ["anything thrown", "text", "BUG", "text"],
    ["even nothing", undefined, "BUG", "undefined"],
  ])("%s", (_, error, code, message) => {
    expect(asSqlError(error)).toMatchObject({ code, message });
  });

  it("keeps what it was", () => {
    const cause = new TypeError("x");
    expect(asSqlError(cause).cause).toBe(cause);
    expect(asSqlError(known)).toBe(known);
  });
});

it("closing after a failure aborts and adds nothing to it", async () => {
  const seen: boolean[] = [];
  await closeQuietly({
    close: async (aborted) => {
      seen.push(aborted);
      throw new Error("again");
    },
  });
  expect(seen).toEqual([true]);
});
