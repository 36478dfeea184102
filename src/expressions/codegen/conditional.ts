import { isText, type DataType } from "../../types/data-type.ts";
import { resultsOf } from "../walk.ts";
import type { CallExpr, Expr } from "../expr.ts";
import { comparison } from "./comparison.ts";
import type { Generator } from "./generator.ts";
import { zeroOf, type Ref, type ValueRef } from "./source.ts";
import { hasBytes } from "./text.ts";
import type { Template } from "./templates.ts";

/** AND, OR, NOT, IS …, CASE, IF, COALESCE, NULLIF. */
export const CONDITIONAL_TEMPLATES: readonly (readonly [string, Template])[] = [
  ["AND", (g, call) => threeValued(g, call.args, false)],
  ["OR", (g, call) => threeValued(g, call.args, true)],
  ["NOT", not],
  ["IS NULL", (g, call) => isNull(g, call, true)],
  ["IS NOT NULL", (g, call) => isNull(g, call, false)],
  ["IS UNKNOWN", (g, call) => isNull(g, call, true)],
  ["IS NOT UNKNOWN", (g, call) => isNull(g, call, false)],
  ["IS TRUE", (g, call) => isTruth(g, call, true, false)],
  ["IS NOT TRUE", (g, call) => isTruth(g, call, true, true)],
  ["IS FALSE", (g, call) => isTruth(g, call, false, false)],
  ["IS NOT FALSE", (g, call) => isTruth(g, call, false, true)],
  ["CASE", (g, call) => caseOf(g, call.args, call.type)],
  ["IF", (g, call) => caseOf(g, call.args, call.type)],
  ["COALESCE", coalesce],
  ["IFNULL", coalesce],
  ["NULLIF", nullIf],
];

/** AND (`decisive` = false) and OR (`decisive` = true) where NULL matters. */
function threeValued(g: Generator, args: readonly Expr[], decisive: boolean): Ref {
  const { source } = g;
  const out = source.fresh();
  const outNull = source.fresh("n");
  source.line(`let ${out} = ${!decisive}, ${outNull} = 0;`);
  let nullable = false;
  const step = (index: number): void => {
    const ref = g.value(args[index]!);
    if (ref.nul !== "0") nullable = true;
    const isDecisive = decisive ? ref.expr : `!${ref.expr}`;
    const test = ref.nul === "1" ? "false" : ref.nul === "0" ? isDecisive : `${ref.nul} === 0 && ${isDecisive}`;
    source.line(`if (${test}) { ${out} = ${decisive}; ${outNull} = 0; } else {`);
    if (ref.nul !== "0") source.line(`${outNull} |= ${ref.nul};`);
    if (index + 1 < args.length) {
      const { lines } = source.block(() => step(index + 1));
      for (const line of lines) source.line(line);
    }
    source.line("}");
  };
  step(0);
  return { form: "value", expr: out, nul: nullable ? outNull : "0" };
}

function not(g: Generator, call: CallExpr): Ref {
  const ref = g.value(call.args[0]!);
  return { form: "value", expr: g.source.define(`!${ref.expr}`), nul: ref.nul };
}

function isNull(g: Generator, call: CallExpr, wanted: boolean): Ref {
  const { nul } = g.ref(call.args[0]!);
  if (nul === "0" || nul === "1") return truthValue(g, String((nul === "1") === wanted));
  return truthValue(g, `${nul} ${wanted ? "!==" : "==="} 0`);
}

function isTruth(g: Generator, call: CallExpr, truth: boolean, negated: boolean): Ref {
  const { expr, nul } = g.value(call.args[0]!);
  const holds = nul === "1" ? "false" : nul === "0" ? `${expr} === ${truth}` : `${nul} === 0 && ${expr} === ${truth}`;
  return truthValue(g, negated ? `!(${holds})` : holds);
}

function truthValue(g: Generator, text: string): ValueRef {
  return { form: "value", expr: g.source.define(text), nul: "0" };
}

/** A variable that branches assign to: a value, or bytes when a branch has its text as bytes. */
interface Merge {
  /** Emits the assignment of the expression's result; returns its ref. */
  assign(expr: Expr): Ref;
  /** The merged variable, after all assignments are emitted. */
  result(): Ref;
  readonly nul: string;
}

function createMerge(g: Generator, type: DataType, branches: readonly Expr[]): Merge {
  const nul = g.source.fresh("n");
  let nullable = false;
  const note = (ref: Ref): void => {
    if (ref.nul !== "0") nullable = true;
    g.source.line(`${nul} = ${ref.nul};`);
  };
  if (branches.some(hasBytes)) return mergeBytes(g, nul, note, () => (nullable ? nul : "0"));
  const out = g.source.fresh();
  g.source.line(`let ${out} = ${zeroOf(type)}, ${nul} = 1;`);
  return {
    nul,
    assign: (expr) => {
      const ref = g.value(expr);
      if (ref.nul !== "1") g.source.line(`${out} = ${ref.expr};`);
      note(ref);
      return ref;
    },
    result: () => ({ form: "value", expr: out, nul: nullable ? nul : "0" }),
  };
}

function mergeBytes(g: Generator, nul: string, note: (ref: Ref) => void, outNull: () => string): Merge {
  const data = g.source.fresh("d");
  const start = g.source.fresh("s");
  const length = g.source.fresh("l");
  const sources = new Set<string>();
  g.source.line(`let ${data} = ${g.source.constant(NO_BYTES)}, ${start} = 0, ${length} = 0, ${nul} = 1;`);
  return {
    nul,
    assign: (expr) => {
      const ref = g.asBytes(expr, g.ref(expr));
      if (ref.nul !== "1") {
        g.source.line(`${data} = ${ref.data}; ${start} = ${ref.start}; ${length} = ${ref.length};`);
        sources.add(ref.source ?? "");
      }
      note(ref);
      return ref;
    },
    result: () => {
      const [only] = sources;
      const source = sources.size === 1 && only !== "" ? only : undefined;
      return { form: "bytes", data, start, length, nul: outNull(), source };
    },
  };
}

const NO_BYTES = new Uint8Array(0);

/** Arguments: condition, result, condition, result …, otherwise. */
function caseOf(g: Generator, args: readonly Expr[], type: DataType): Ref {
  const merge = createMerge(g, type, resultsOf(args));
  const step = (index: number): void => {
    if (index + 1 >= args.length) {
      if (index < args.length) merge.assign(args[index]!);
      return;
    }
    const condition = g.truth(args[index]!);
    g.source.nest(`if (${condition})`, () => merge.assign(args[index + 1]!));
    g.source.nest("else", () => step(index + 2));
  };
  step(0);
  // Without ELSE the result may be NULL although every branch is not.
  if (args.length % 2 === 0) return withNull(merge.result(), merge.nul);
  return merge.result();
}

function withNull(ref: Ref, nul: string): Ref {
  return { ...ref, nul };
}

function coalesce(g: Generator, call: CallExpr): Ref {
  const merge = createMerge(g, call.type, call.args);
  let last: Ref | undefined;
  const step = (index: number): void => {
    last = merge.assign(call.args[index]!);
    if (last.nul === "0" || index + 1 === call.args.length) return;
    g.source.nest(`if (${merge.nul} !== 0)`, () => step(index + 1));
  };
  step(0);
  return last?.nul === "0" ? withNull(merge.result(), "0") : merge.result();
}

/** `NULLIF(a, b)`: NULL when a = b, else a. */
function nullIf(g: Generator, call: CallExpr): Ref | undefined {
  const [a, b] = call.args;
  if (a === undefined || b === undefined || isText(a.type) !== isText(call.type)) return undefined;
  const equal = comparison(g, "=", a, b);
  if (equal === undefined) return undefined;
  const ref = g.ref(a);
  if (equal.nul === "1") return ref;
  const same = equal.nul === "0" ? equal.expr : `${equal.nul} === 0 && ${equal.expr}`;
  return { ...ref, nul: g.source.define(`(${same}) ? 1 : ${ref.nul}`, "n") };
}
