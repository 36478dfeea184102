import { expect, test } from "vitest";
import { loadBinding } from "./binding.ts";

/** What the loader of modules throws. */
function failure(message: string, code?: string): () => Promise<unknown> {
  return async () => {
    throw Object.assign(new Error(message), code === undefined ? {} : { code });
  };
}

test("the package is there", async () => {
  expect(await loadBinding()).toBeTypeOf("function");
});

test("without the package: the line that installs it", async () => {
  await expect(
    loadBinding(failure("Cannot find package 'rocksdb-native' imported from binding.js", "ERR_MODULE_NOT_FOUND")),
  ).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: "the state backend 'rocksdb' needs the package rocksdb-native, which is not installed",
    hint: "run 'npm install rocksdb-native@^3.18.1', or set 'state.backend.type' to memory or filesystem",
  });
});

test.runIf(process.platform === "linux")("an addon that does not load: what Linux may lack", async () => {
  await expect(loadBinding(failure("Cannot load addon '.'", "ADDON_NOT_FOUND"))).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message:
      "the package rocksdb-native does not load: Cannot load addon '.' (on Linux it needs libatomic1, 'apt-get install libatomic1', and glibc 2.34)",
  });
});

test("another package under the name", async () => {
  await expect(loadBinding(async () => ({ default: {} }))).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
