import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blocksOf, differences } from "./blocks.ts";
import type { GoldenCase } from "./cases.ts";
import { goldenRun, seededRandom } from "./golden-run.ts";
import { MAX_CRASHES, PLAIN, unsupported } from "./modes.ts";
import type { Mode } from "./modes.ts";
import { acceptPipeline, comparePipeline, pipelineTables } from "./pipeline-case.ts";

export interface CaseResult {
  readonly case: GoldenCase;
  readonly mode: Mode;
  readonly status: "passed" | "failed" | "accepted" | "skipped";
  /** Lines of the difference, or why it was skipped. */
  readonly details: readonly string[];
  readonly millis: number;
}

/** As `engine/option-conflicts.ts` says it. */
const CONFLICT = / does not go together with /;

/** Runs a case in a mode and compares; `accept` rewrites the expected file instead. */
export async function runCase(golden: GoldenCase, mode: Mode, accept: boolean): Promise<CaseResult> {
  const started = performance.now();
  const done = (status: CaseResult["status"], details: readonly string[]): CaseResult => ({
    case: golden,
    mode,
    status,
    details,
    millis: performance.now() - started,
  });
  if (golden.seed !== undefined && hasOtherRandomNumbers(mode))
    return done("skipped", ["random numbers are not the same after a restore, nor in several threads"]);
  if (golden.pipeline && mode.config["parallelism.default"] !== undefined)
    return done("skipped", ["threads cannot share tables whose connector is replaced"]);
  const missing = unsupported(mode);
  if (missing !== undefined) return done("skipped", [missing]);
  const tmp = mkdtempSync(join(tmpdir(), "millrace-test-"));
  try {
    const script = golden.script.replaceAll("${dir}", golden.corpus).replaceAll("${tmp}", tmp);
    const tables = golden.pipeline ? pipelineTables(golden.expectedFile) : undefined;
    const outcome = await goldenRun(script, {
      baseDirectory: golden.pipeline ? golden.expectedFile : golden.corpus,
      config: new Map([["execution.checkpointing.dir", join(tmp, ".checkpoints")], ...Object.entries(mode.config)]),
      tables,
      launcher: {
        note: () => undefined,
        crashes: mode.crashes === undefined ? undefined : crashPlan(golden.name),
        parallelismOf:
          mode.rescales === undefined || golden.pipeline ? undefined : (attempt) => parallelism(mode, attempt),
      },
      clockMillis: golden.clockMillis,
      seed: golden.seed,
    });
    // The case itself asks for what the mode excludes.
    if (mode !== PLAIN && outcome.error?.code === "UNSUPPORTED" && CONFLICT.test(outcome.error.message))
      return done("skipped", [outcome.error.message]);
    const error = outcome.error === undefined ? [] : [`error[${outcome.error.code}]: ${outcome.error.message}`];
    if (tables !== undefined) {
      if (error.length > 0) return done("failed", error);
      if (accept) {
        acceptPipeline(golden.expectedFile, tables);
        return done("accepted", []);
      }
      const details = comparePipeline(golden.expectedFile, tables);
      return done(details.length === 0 ? "passed" : "failed", details);
    }
    const text = withoutOptions(restorePlaceholders(outcome.text, tmp, golden.corpus), mode);
    if (accept) {
      writeFileSync(golden.expectedFile, text);
      return done("accepted", []);
    }
    if (!existsSync(golden.expectedFile))
      return done("failed", [`there is no ${golden.expectedFile}: run with --accept`]);
    const comparison = mode === PLAIN ? golden.comparison : "final";
    const expected = blocksOf(readFileSync(golden.expectedFile, "utf8"));
    const details = differences(expected, blocksOf(text), comparison, asksForOrder(golden.script));
    return details.length === 0 ? done("passed", []) : done("failed", [...details, ...error]);
  } finally {
    rmSync(tmp, { recursive: true, force: true });
  }
}

/** A few crashes of each job, at moments that follow from the case's name; at the end of the input when none came before. */
function crashPlan(name: string): (atEnd: boolean) => boolean {
  const random = seededRandom([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 17));
  let crashes = 0;
  return (atEnd) => {
    const now = crashes < MAX_CRASHES && (random() < 0.2 || (atEnd && crashes === 0));
    if (now) crashes += 1;
    else if (atEnd) crashes = 0;
    return now;
  };
}

function hasOtherRandomNumbers({ crashes, config }: Mode): boolean {
  return crashes === true || config["parallelism.default"] !== undefined;
}

/** Attempts are numbered from 1. */
function parallelism({ rescales = [] }: Mode, attempt: number): number | undefined {
  return rescales[(attempt - 1) % rescales.length];
}

/** What the mode has set must not show in a list of settings. */
function withoutOptions(text: string, mode: Mode): string {
  const shown = Object.keys(mode.config).map((key) => `[${key}, `);
  return text
    .split("\n")
    .filter((line) => !shown.some((start) => line.startsWith(start)))
    .join("\n");
}

function restorePlaceholders(text: string, tmp: string, corpus: string): string {
  return text
    .replaceAll(`file:${tmp}`, "${tmp}")
    .replaceAll(tmp, "${tmp}")
    .replaceAll(`file:${corpus}`, "${dir}")
    .replaceAll(corpus, "${dir}");
}

/** The last statement ends in ORDER BY: an append-only result is compared row by row. */
function asksForOrder(script: string): boolean {
  const last = script.replace(/--.*$/gm, "").trim().replace(/;$/, "").split(";").at(-1) ?? "";
  return /ORDER\s+BY[^()]*$/i.test(last) && !/LIMIT|FETCH/i.test(last);
}
