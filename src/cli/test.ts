import { writeFileSync } from "node:fs";
import { SqlError } from "../base/errors.ts";
import { findCases } from "../testing/cases.ts";
import { CHAOS_MODES, PLAIN } from "../testing/modes.ts";
import type { Mode } from "../testing/modes.ts";
import { runCase } from "../testing/run-case.ts";
import type { CaseResult } from "../testing/run-case.ts";
import { parseFlags } from "./args.ts";
import { EXIT } from "./exit.ts";

const FLAGS = {
  accept: { type: "boolean" },
  chaos: { type: "string" },
  junit: { type: "string" },
} as const;

/** `millrace test [PATH…]`: golden tests. */
export async function test(argv: readonly string[]): Promise<number> {
  // `--chaos` alone means all modes; parseArgs wants a value.
  const { values, positionals } = parseFlags(
    argv.map((a) => (a === "--chaos" ? "--chaos=all" : a)),
    FLAGS,
  );
  if (values.chaos !== undefined && !/^(all|\d+)$/.test(values.chaos)) {
    throw new SqlError("USAGE", `--chaos takes a number of modes, not '${values.chaos}'`);
  }
  const cases = findCases(positionals.length === 0 ? ["sql-tests"] : positionals);
  const results: CaseResult[] = [];
  for (const [index, golden] of cases.entries()) {
    const modes = values.accept === true ? [PLAIN] : [PLAIN, ...chaosModes(values.chaos, index)];
    let plain: CaseResult["status"] | undefined;
    for (const mode of modes) {
      if (plain === "failed") {
        results.push({ case: golden, mode, status: "skipped", details: ["it fails without chaos"], millis: 0 });
        continue;
      }
      const result = await runCase(golden, mode, values.accept ?? false);
      plain ??= result.status;
      results.push(result);
      if (result.status === "failed") report(result);
    }
  }
  if (values.junit !== undefined) writeFileSync(values.junit, junit(results));
  const count = (status: CaseResult["status"]): number => results.filter((r) => r.status === status).length;
  if (values.accept === true) process.stdout.write(`${count("accepted")} accepted\n`);
  const failed = count("failed");
  process.stdout.write(
    `${count("passed") + count("accepted")} passed, ${failed} failed, ${count("skipped")} skipped\n`,
  );
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** All modes, or a sample that rotates from case to case and from day to day. */
function chaosModes(chaos: string | undefined, index: number): readonly Mode[] {
  if (chaos === undefined) return [];
  if (chaos === "all") return CHAOS_MODES;
  const day = Math.floor(Date.now() / 86_400_000);
  return Array.from(
    { length: Math.min(Number(chaos), CHAOS_MODES.length) },
    (_, i) => CHAOS_MODES[(index + day + i) % CHAOS_MODES.length]!,
  );
}

function report(result: CaseResult): void {
  process.stdout.write(`FAIL ${result.case.name}${result.mode === PLAIN ? "" : ` [${result.mode.name}]`}\n`);
  for (const line of result.details.slice(0, 40)) process.stdout.write(`  ${line}\n`);
}

function junit(results: readonly CaseResult[]): string {
  const cases = results.map((r) => {
    const name = `name="${xml(`${r.case.name} [${r.mode.name}]`)}" time="${(r.millis / 1000).toFixed(3)}"`;
    return r.status === "failed"
      ? `  <testcase ${name}><failure>${xml(r.details.join("\n"))}</failure></testcase>`
      : `  <testcase ${name}/>`;
  });
  const failures = results.filter((r) => r.status === "failed").length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="millrace" tests="${results.length}" failures="${failures}">\n${cases.join("\n")}\n</testsuite>\n`;
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}
