import { SqlError } from "../base/errors.ts";
import { BUILTINS } from "../engine/builtin.ts";
import { physicalText } from "../engine/explain.ts";
import { Session } from "../engine/session.ts";
import type { Connector } from "../connectors/api.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { bindScript } from "./bind/bind.test-helper.ts";
import type { LogicalPlan } from "./logical/algebra.ts";
import { printPlan } from "./logical/print.ts";
import type { PlanContext } from "./physical/context.ts";
import { exprFacts, planJob } from "./plan.ts";
import type { ExprFacts } from "./rules/facts.ts";

/** A source whose rows nobody reads; `in` is append-only. And sinks of every kind. */
const CONNECTORS: readonly Connector[] = [
  connector("in", "none"),
  connector("append", "append"),
  connector("upsert", "upsert"),
  connector("all", "all"),
  connector("blackhole", "all"),
];

function connector(name: string, sinkMode: Connector["sinkMode"]): Connector {
  const unused = (): never => {
    throw new SqlError("BUG", "only planned, never run");
  };
  return {
    name,
    options: [{ name: "k", type: "string", summary: "Means nothing." }],
    metadata: [],
    sinkMode,
    isBounded: () => true,
    ...(sinkMode === "none" ? { source: unused } : { sink: unused }),
  };
}

/** Tables that the tests of rules read: `l` and `r` are plain, `o` has a watermark, a computed and a ROW column. */
export const TABLES = `
CREATE TABLE l (a INT, b STRING, c BIGINT) WITH ('connector' = 'in');
CREATE TABLE r (x INT, y STRING, z BIGINT NOT NULL) WITH ('connector' = 'in');
CREATE TABLE o (
  id INT, item STRING, u ROW<name STRING, at ROW<city STRING, zip INT>>, price DECIMAL(10, 2), ts TIMESTAMP(3),
  twice AS id * 2, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'in');
`;

interface Planned {
  readonly roots: readonly LogicalPlan[];
  readonly context: PlanContext;
  readonly facts: ExprFacts;
}

/** The bound plans of a script's queries and INSERTs, over `TABLES`. */
export function bound(sql: string, options: Readonly<Record<string, string>> = {}): Planned {
  const session = new Session({
    builtins: { ...BUILTINS, connectors: CONNECTORS },
    config: new Map(Object.entries(options)),
    baseDirectory: ".",
    stdout: () => undefined,
    stderr: () => undefined,
  });
  const results = bindScript(TABLES + sql, session.bindContext());
  const context = session.planContext();
  return { roots: results.flatMap((r) => ("plan" in r ? [r.plan] : [])), context, facts: exprFacts(context) };
}

/** A plan without its Collect; columns are shown at scans only. */
export function lines(plan: LogicalPlan): readonly string[] {
  return printPlan(plan.kind === "Collect" ? plan.inputs[0] : plan)
    .split("\n")
    .map((line) => (/^\s*Scan/.test(line) ? line.replace("→ ", "") : line.replace(/ → .*/, "")));
}

export function graphOf(sql: string, options: Readonly<Record<string, string>> = {}): JobGraph {
  const { roots, context } = bound(sql, options);
  return planJob(roots, context);
}

/** The physical plan as EXPLAIN shows it, scans in short. */
export function physical(sql: string, options: Readonly<Record<string, string>> = {}): readonly string[] {
  return physicalText(graphOf(sql, options))
    .trimEnd()
    .replace(/TableSourceScan\(table=\[\[default_catalog, default_database, (\w+)\]\], fields=\[(.*?)\]\)/g, "$1($2)")
    .split("\n");
}

/** `CODE message` of the error that planning raises. */
export function planError(sql: string): string {
  try {
    graphOf(sql);
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
}
