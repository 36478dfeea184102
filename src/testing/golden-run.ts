import { SqlError } from "../base/errors.ts";
import { BUILTINS } from "../engine/builtin.ts";
import { asSqlError } from "../engine/failures.ts";
import { execute } from "../engine/execute.ts";
import type { JobLauncher } from "../engine/job-request.ts";
import { Session } from "../engine/session.ts";
import { GoldenWriter } from "../output/golden.ts";
import { DialectInForce, parseStatementsTolerant } from "../parser/index.ts";
import type { PipelineTables } from "./pipeline-tables.ts";

export interface GoldenRunOptions {
  /** Folder against which relative paths of the script resolve. */
  readonly baseDirectory: string;
  /** SET values to begin with. */
  readonly config: ReadonlyMap<string, string>;
  readonly launcher: JobLauncher;
  /** Tables whose connectors are replaced. */
  readonly tables?: PipelineTables | undefined;
  /** Fixed clock (`-- clock:`), epoch millis. */
  readonly clockMillis?: number | undefined;
  /** Seed of RAND and UUID (`-- seed:`). */
  readonly seed?: number | undefined;
}

/** What a script gave, in the form of golden files. */
export interface GoldenOutcome {
  readonly text: string;
  /** The error that ended the script. */
  readonly error: SqlError | undefined;
}

/** Runs a script statement by statement, every job awaited, and writes the outcome down. */
export async function goldenRun(script: string, options: GoldenRunOptions): Promise<GoldenOutcome> {
  const golden = new GoldenWriter(/^--\s*compare\s*:\s*final\s*$/m.test(script));
  let printed = "";
  const { tables } = options;
  const session = new Session({
    builtins: BUILTINS,
    config: options.config,
    baseDirectory: options.baseDirectory,
    stdout: (text) => {
      printed += text;
    },
    stderr: () => undefined,
    connectorFor: tables === undefined ? undefined : (request, actual) => tables.connectorFor(request, actual),
    ...(options.clockMillis === undefined ? {} : { nowMillis: () => options.clockMillis as number }),
    ...(options.seed === undefined ? {} : { random: seededRandom(options.seed) }),
  });
  for (const parsed of parseStatementsTolerant(script, new DialectInForce(session.config.get("table.sql-dialect")))
    .statements) {
    try {
      if ("error" in parsed) throw parsed.error;
      let query: ReturnType<GoldenWriter["query"]> | undefined;
      const zone = session.facts().timeZone;
      const result = await execute(parsed.statement, session, options.launcher, {
        onQuery: (fields) => (query = golden.query(fields, zone)),
      });
      if (result.kind === "rows") golden.rows(result.fields, result.rows, zone);
      if (result.kind !== "job") continue;
      if (!result.job.bounded) {
        result.job.stop();
        await result.job.done;
        throw new SqlError("INVALID_QUERY", "a golden outcome needs sources that end", {
          span: parsed.statement.span,
          hint: "give datagen 'number-of-rows', or read a file",
        });
      }
      const outcome = await result.job.done;
      if (outcome.status === "failed") throw outcome.error;
      query?.end();
      golden.print(printed);
      printed = "";
    } catch (error) {
      const known = asSqlError(error);
      golden.error(known);
      return { text: golden.text(), error: known };
    }
  }
  return { text: golden.text(), error: undefined };
}

/** mulberry32: small, seeded, good enough for RAND in tests. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
