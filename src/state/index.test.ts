import { expect, test } from "vitest";
import { stateBackend } from "./index.ts";

test.each(["memory", "hashmap", "filesystem", "fs", "HASHMAP", "rocksdb", "s3", "hdfs", "jdbc"])(
  "backend %s",
  (name) => {
    expect(stateBackend(name).names).toContain(name.toLowerCase());
  },
);

test.each(["forst"])("backend %s is named as not supported", (name) => {
  expect(() => stateBackend(name)).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED", message: `the state backend '${name}' is not supported yet` }),
  );
});

test("an unknown backend is an invalid option", () => {
  expect(() => stateBackend("hashmp")).toThrow(
    expect.objectContaining({ code: "OPTION_INVALID", hint: "did you mean 'hashmap'?" }),
  );
});
