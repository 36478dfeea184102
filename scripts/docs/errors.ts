import { ERRORS } from "../../src/base/errors.ts";
import type { ErrorCode, ErrorDomain } from "../../src/base/errors.ts";
import { EXIT } from "../../src/cli/exit.ts";
import { ERROR_ADVICE } from "./error-advice.ts";
import { code, GENERATED, page, table } from "./markdown.ts";

const ACTORS: Readonly<Record<ErrorDomain, string>> = {
  user: "author of the SQL",
  external: "operator of the machine or system",
  internal: "millrace",
};

type Phase = (typeof ERRORS)[ErrorCode]["phase"];

const PHASES: Readonly<Record<Phase, string>> = {
  parse: "While a script is read. Nothing of it has run.",
  validation:
    "While a statement is bound to tables, types and options. The statement has not run; statements before it have.",
  planning: "While a plan is made. The statement has not run.",
  runtime: "While a job runs. What checkpoints have committed stays; `--from latest` goes on from there.",
};

/** docs/errors.md: the catalogue by phase. */
export function errorsPage(): string {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return page([
    GENERATED,
    "# Errors",
    "Every error has a code, a message, its place in the script where it has one, and often a hint. The code says who has to act and whether anything " +
      "ran. From TypeScript it is a `SqlError` with `code`, `domain`, `phase`, `span`, `hint`, `retryable`.",
    "```\nerror[COLUMN_NOT_FOUND]: Column 'colour' not found in any table\n --> pipeline.sql:12:18\n```",
    ...(Object.keys(PHASES) as Phase[]).flatMap((phase) => [
      `## ${phase}`,
      PHASES[phase],
      table(
        ["code", "what has happened", "what to do", "who acts", "SQLSTATE", "exit status"],
        codes
          .filter((c) => ERRORS[c].phase === phase)
          .map((c) => [
            code(c),
            ...ERROR_ADVICE[c],
            ACTORS[ERRORS[c].domain],
            ERRORS[c].sqlState,
            String(exitStatus(c)),
          ]),
      ),
    ]),
  ]);
}

function exitStatus(errorCode: ErrorCode): number {
  if (errorCode === "USAGE") return EXIT.usage;
  return ERRORS[errorCode].phase === "runtime" ? EXIT.failed : EXIT.rejected;
}
