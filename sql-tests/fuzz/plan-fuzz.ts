import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SqlError, SqlErrors } from "../../src/base/errors.ts";
import { BUILTINS } from "../../src/engine/builtin.ts";
import { execute, planStatement } from "../../src/engine/execute.ts";
import { Session } from "../../src/engine/session.ts";
import { parseStatementsTolerant, printStatement } from "../../src/parser/index.ts";
import type { Statement } from "../../src/parser/index.ts";
import { mutated, randomFrom, tokensOf } from "./mutate.ts";

/** A script cut into what makes tables (as it is) and what is planned (changed). */
interface Scenario {
  readonly file: string;
  readonly definitions: readonly Statement[];
  readonly texts: readonly string[];
}

/** Kinds of statements that only change the session. */
const DEFINITIONS = new Set(["CreateTable", "CreateView", "CreateDatabase", "Set", "Use", "AlterTable"]);

/** Longest time in which a statement must be planned or refused, millis. */
const LIMIT_MILLIS = 10_000;

/** What went wrong, with what repeats it. */
export interface FuzzFailure {
  readonly seed: number;
  readonly file: string;
  readonly text: string;
  readonly problem: string;
}

/** Changes the statements of golden cases and plans them: whatever comes out is a plan or an error about the SQL. */
export class PlanFuzz {
  readonly #scenarios: readonly Scenario[];
  readonly #tokens: readonly (readonly string[])[];

  /** `corpus`: the folder of golden cases. */
  constructor(corpus: string) {
    const files = readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sql"));
    this.#scenarios = files.sort().flatMap((name) => scenarioOf(join(corpus, name)) ?? []);
    this.#tokens = this.#scenarios.flatMap(({ texts }) => texts.map(tokensOf));
  }

  /** Statements that were planned in spite of their changes. */
  planned = 0;

  get size(): number {
    return this.#scenarios.length;
  }

  /** One changed statement; undefined: all is well. */
  async run(seed: number): Promise<FuzzFailure | undefined> {
    const random = randomFrom(seed);
    const scenario = this.#scenarios[Math.floor(random() * this.#scenarios.length)]!;
    const session = await sessionOf(scenario);
    const text = mutated(scenario.texts[Math.floor(random() * scenario.texts.length)]!, this.#tokens, random);
    const started = performance.now();
    const problem = await this.#problemWith(text, session);
    const millis = performance.now() - started;
    const slow = millis > LIMIT_MILLIS ? `took ${Math.round(millis)} ms` : undefined;
    const found = problem ?? slow;
    return found === undefined ? undefined : { seed, file: scenario.file, text, problem: found };
  }

  /** Undefined: the statements were planned, or refused as they should be. */
  async #problemWith(text: string, session: Session): Promise<string | undefined> {
    for (const parsed of parseStatementsTolerant(text).statements) {
      try {
        if ("error" in parsed) throw parsed.error;
        const { statement } = parsed;
        printStatement(statement);
        if (DEFINITIONS.has(statement.kind)) await define(statement, session);
        else if (planStatement(statement, session) !== undefined) this.planned += 1;
      } catch (error) {
        for (const each of error instanceof SqlErrors ? error.errors : [error]) {
          if (!(each instanceof SqlError)) return each instanceof Error ? (each.stack ?? each.message) : String(each);
          if (each.code === "BUG") return `BUG: ${each.message}\n${each.stack ?? ""}`;
        }
      }
    }
    return undefined;
  }
}

function scenarioOf(file: string): Scenario | undefined {
  const text = readFileSync(file, "utf8").replaceAll("${dir}", "/nowhere").replaceAll("${tmp}", "/nowhere");
  const statements = parseStatementsTolerant(text).statements.flatMap((s) => ("statement" in s ? [s.statement] : []));
  const definitions = statements.filter((s) => DEFINITIONS.has(s.kind));
  const texts = statements.filter((s) => s.kind !== "Set").map((s) => text.slice(s.span.start, s.span.end));
  return texts.length === 0 ? undefined : { file, definitions, texts };
}

async function sessionOf({ definitions }: Scenario): Promise<Session> {
  const session = new Session({
    builtins: BUILTINS,
    baseDirectory: "/nowhere",
    stdout: () => undefined,
    stderr: () => undefined,
    nowMillis: () => 0,
  });
  for (const statement of definitions) {
    try {
      await define(statement, session);
    } catch (error) {
      // A case about an error in its definitions.
      if (!(error instanceof SqlError)) throw error;
    }
  }
  return session;
}

async function define(statement: Statement, session: Session): Promise<void> {
  if (statement.kind === "CreateTable" && statement.as !== undefined) return;
  await execute(
    statement,
    session,
    { note: () => undefined },
    {
      onQuery: () => {
        throw new SqlError("UNSUPPORTED", "nothing runs here");
      },
    },
  );
}
