import type { Change } from "../batch/changes.ts";
import { CollectedChanges } from "../batch/collected-changes.ts";
import { DialectInForce, parseScript } from "../parser/index.ts";
import type { Field, Value } from "../types/data-type.ts";
import { BUILTINS } from "./builtin.ts";
import { execute } from "./execute.ts";
import type { Builtins } from "./session.ts";
import { Session } from "./session.ts";

export interface EngineOptions {
  /** SET values to begin with. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Folder against which relative paths resolve; default: the working directory. */
  readonly baseDirectory?: string | undefined;
  /** The user's own functions, connectors and formats, beside the built-in ones. */
  readonly extensions?: Partial<Builtins> | undefined;
  /** What `print` tables write; default: standard output. A promise is back-pressure. */
  readonly stdout?: ((text: string) => unknown) | undefined;
  readonly stderr?: ((text: string) => void) | undefined;
}

/** What one statement of a script gave. */
export interface StatementOutcome {
  readonly fields: readonly Field[];
  /** Changes of a SELECT in order of emission; rows of SHOW and DESCRIBE as inserts; empty for others. */
  readonly changes: readonly Change[];
}

export interface Engine {
  /**
   * Runs a script; every job is awaited, so sources must be bounded. Catalog and settings stay for the next call.
   * Throws SqlError (SqlErrors for several syntax errors).
   */
  run(sql: string): Promise<readonly StatementOutcome[]>;
}

/** An engine with a session of its own. */
export function createEngine(options: EngineOptions = {}): Engine {
  const extensions = options.extensions ?? {};
  const session = new Session({
    builtins: {
      scalars: [...BUILTINS.scalars, ...(extensions.scalars ?? [])],
      aggregates: [...BUILTINS.aggregates, ...(extensions.aggregates ?? [])],
      tables: [...BUILTINS.tables, ...(extensions.tables ?? [])],
      connectors: [...BUILTINS.connectors, ...(extensions.connectors ?? [])],
      formats: [...BUILTINS.formats, ...(extensions.formats ?? [])],
    },
    config: new Map(Object.entries(options.config ?? {})),
    baseDirectory: options.baseDirectory ?? process.cwd(),
    stdout: options.stdout ?? ((text) => process.stdout.write(text)),
    stderr: options.stderr ?? ((text) => process.stderr.write(text)),
  });
  return {
    async run(sql) {
      const outcomes: StatementOutcome[] = [];
      for (const statement of parseScript(
        sql,
        new DialectInForce(session.config.get("table.sql-dialect"), options.config?.["table.sql-dialect"]),
      )) {
        let fields: readonly Field[] = [];
        const changes: Change[] = [];
        const result = await execute(
          statement,
          session,
          { note: () => undefined },
          {
            onQuery: (queryFields) => {
              fields = queryFields;
              return new CollectedChanges(
                queryFields.map((f) => f.type),
                (change) => changes.push(change),
              );
            },
          },
        );
        if (result.kind === "job") {
          const outcome = await result.job.done;
          if (outcome.status === "failed") throw outcome.error;
        }
        if (result.kind === "rows")
          outcomes.push({
            fields: result.fields,
            changes: result.rows.map((row: readonly Value[]) => ({ kind: "+I", row })),
          });
        else outcomes.push({ fields, changes });
      }
      return outcomes;
    },
  };
}
