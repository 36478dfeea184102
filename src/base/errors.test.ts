import { expect, test, vi } from "vitest";
import { SqlError } from "./errors.ts";

class Sub extends SqlError {}

test("errors of another copy of the package are errors of ours; subclasses are told apart", async () => {
  vi.resetModules();
  const other = await import("./errors.ts");
  expect(other.SqlError).not.toBe(SqlError);
  expect(new other.SqlError("IO", "from elsewhere")).toBeInstanceOf(SqlError);
  expect(new Sub("IO", "ours")).toBeInstanceOf(SqlError);
  expect(new Sub("IO", "ours")).toBeInstanceOf(Sub);
  expect(new SqlError("IO", "ours") instanceof Sub).toBe(false);
  expect(new Error("IO") instanceof SqlError).toBe(false);
  expect((null as unknown) instanceof SqlError).toBe(false);
});
