import { beforeAll, describe, test } from "vitest";
import { RegistryProcess, whyNoRegistry } from "./registry.ts";

/** Time for the first start on a machine, which fetches the registry. */
const START_MILLIS = 300_000;

/**
 * Tests against a schema registry of their own (or the one that SCHEMA_REGISTRY_URL names); `body` gets a function that
 * gives its URL inside tests. Where none can run, the tests are skipped by name, with the reason; with
 * MILLRACE_TEST_REGISTRY=required (or MILLRACE_TEST_KAFKA=required) that is a failure.
 */
export function describeRegistry(name: string, body: (url: () => string) => void): void {
  const given = process.env["SCHEMA_REGISTRY_URL"];
  const why = given === undefined ? whyNoRegistry() : undefined;
  const required = ["MILLRACE_TEST_REGISTRY", "MILLRACE_TEST_KAFKA"].some((name) => process.env[name] === "required");
  if (why === undefined) {
    describe(name, () => {
      let url = given;
      beforeAll(async () => {
        if (given !== undefined) return undefined;
        const registry = await RegistryProcess.start();
        url = registry.url;
        return () => registry.stop();
      }, START_MILLIS);
      body(() => url ?? "");
    });
  } else if (required) {
    describe(name, () => {
      test("a schema registry can be started (MILLRACE_TEST_REGISTRY=required)", () => {
        throw new Error(why);
      });
    });
  } else {
    process.stderr.write(`skipped: ${name}: ${why}\n`);
    describe.skip(name, () => body(() => ""));
  }
}
