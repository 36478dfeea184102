import { beforeAll, describe } from "vitest";

/** Time for the first start on a machine, which fetches or builds the server. */
const START_MILLIS = 900_000;

/** A kind of server for tests. */
export interface ServerKind<S extends { stop(): Promise<void> }> {
  /** `S3`: in messages, and in `MILLRACE_TEST_S3`. */
  readonly word: string;
  /** Why none can run here; undefined: one can. */
  why(): string | undefined;
  start(): Promise<S>;
}

/**
 * Tests with a server of their own, which they may kill; `body` gets a function that gives it inside tests. Where none can
 * run, they are skipped by name, with the reason; with `MILLRACE_TEST_<WORD>=required` that is a failure.
 */
export function describeWithServer<S extends { stop(): Promise<void> }>(
  name: string,
  kind: ServerKind<S>,
  body: (server: () => S) => void,
): void {
  const why = kind.why();
  const variable = `MILLRACE_TEST_${kind.word}`;
  const required = process.env[variable] === "required";
  if (why !== undefined && !required) process.stderr.write(`skipped: ${name}: ${why}\n`);
  describe.runIf(why === undefined || required)(`${name}`, () => {
    let server: S | undefined;
    beforeAll(async () => {
      if (why !== undefined) throw new Error(`no ${kind.word} server (${variable}=required): ${why}`);
      server = await kind.start();
      return () => server?.stop();
    }, START_MILLIS);
    body(() => {
      if (server === undefined) throw new Error("the server runs inside tests only");
      return server;
    });
  });
}
