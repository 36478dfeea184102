import { beforeAll, describe } from "vitest";
import { whyNoServer } from "./binary.ts";
import { S3Server } from "./server.ts";

/** Time for the first start on a machine, which builds the server. */
const START_MILLIS = 900_000;

/**
 * Tests with an S3 server of their own, which they may kill, with empty buckets of these names. Where none can run, they
 * are skipped by name, with the reason; with MILLRACE_TEST_S3=required that is a failure.
 */
export function describeS3(name: string, buckets: readonly string[], body: (server: () => S3Server) => void): void {
  const why = whyNoServer();
  const required = process.env["MILLRACE_TEST_S3"] === "required";
  if (why !== undefined && !required) process.stderr.write(`skipped: ${name}: ${why}\n`);
  describe.runIf(why === undefined || required)(name, () => {
    let server: S3Server | undefined;
    beforeAll(async () => {
      if (why !== undefined) throw new Error(`no S3 server (MILLRACE_TEST_S3=required): ${why}`);
      server = await S3Server.start(...buckets);
      return () => server?.stop();
    }, START_MILLIS);
    body(() => {
      if (server === undefined) throw new Error("the server runs inside tests only");
      return server;
    });
  });
}
