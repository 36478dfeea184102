import { expect, test } from "vitest";
import { replicaOptions } from "./replica-options.ts";

function options(entries: Readonly<Record<string, string>>): unknown {
  const values = new Map(Object.entries(entries).map(([key, value]) => [`execution.checkpointing.${key}`, value]));
  try {
    return replicaOptions(values, "file:///data/checkpoints");
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
}

test("none", () => {
  expect(options({})).toBeUndefined();
  expect(options({ replicas: " , " })).toBeUndefined();
});

test("two places of several, unless another number is asked for", () => {
  expect(options({ replicas: "s3://b/c , /other;", timeout: "5 s" })).toEqual({
    locations: ["s3://b/c", "/other"],
    minPlaces: 2,
    timeoutMillis: 5000,
  });
  expect(options({ replicas: "/other", "min-replicas": "1" })).toMatchObject({ minPlaces: 1, timeoutMillis: 600_000 });
});

test.each([
  [{ replicas: "/other", "min-replicas": "3" }, "'execution.checkpointing.min-replicas' = '3', but .* 2 places"],
  [{ replicas: "/data/checkpoints/" }, "names '/data/checkpoints/', where checkpoints lie already"],
  [{ replicas: "/other,file:/other" }, "names 'file:/other'"],
])("%j is refused", (entries, message) => {
  expect(options(entries)).toMatch(new RegExp(`^OPTION_INVALID .*${message}`));
});
