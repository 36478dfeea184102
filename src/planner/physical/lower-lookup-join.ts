import { SqlError } from "../../base/errors.ts";
import { lookupCache, lookupRetries } from "../../connectors/lookup-options.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { LookupJoinSpec } from "../../runtime/spec.ts";
import type { AsOf, Join, Scan } from "../logical/algebra.ts";
import { conjunction, conjuncts, replaceColumns, shiftColumns, transformUp } from "../logical/rewrite.ts";
import { equiKey, sameBytes } from "../rules/join-keys.ts";
import { calcChain, type Calc } from "./calc.ts";
import { tableRequest } from "./context.ts";
import { expressionText } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf, uniqueFields } from "./draft.ts";
import { JOIN_NAMES } from "./join-parts.ts";
import type { Lowering } from "./lower.ts";
import { durationOption } from "./options.ts";

type Proctime = Extract<AsOf, { kind: "proctime" }>;
type Keys = LookupJoinSpec["keys"];

/** A join with what a table holds now: its connector is asked for the rows of each key. */
export function lowerLookupJoin(lowering: Lowering, plan: Join, type: "inner" | "left", asOf: Proctime): Draft {
  const { context } = lowering;
  // A table that is asked has no event time of its own.
  const table = transformUp(plan.inputs[1], (node) => (node.kind === "Watermark" ? node.inputs[0] : node));
  const calc = calcChain(table, (e) => lowering.pure(e));
  if (calc.input.kind !== "Scan") throw notLookedUp(asOf);
  const request = tableRequest(calc.input.table, calc.input.options, context.session.timeZone);
  const connector = context.connectorOf(request);
  if (connector.lookup === undefined) throw notLookedUp(asOf);
  const left = lowering.lower(plan.inputs[0]);
  const { keys, rest } = splitCondition(lowering, plan, calc, calc.input);
  if (keys.length === 0) {
    throw new SqlError(
      "PLANNING",
      `Temporal table join requires an equality condition on fields of table [${request.table}].`,
      { span: asOf.span, hint: `ON … = ${calc.input.table.path.object}.${request.physical[0]?.name ?? "column"}` },
    );
  }
  const residual = conjunction(rest);
  const condition = residual === undefined ? undefined : context.fold(residual);
  const spec: LookupJoinSpec = {
    kind: "lookup-join",
    type,
    left: typesOf(left),
    table: request,
    columns: calc.input.columns ?? [],
    keys,
    ...(condition === undefined ? {} : { condition }),
    projections: calc.expressions.map((e, i) => ({
      ...context.fold(e),
      type: plan.schema.fields[left.fields.length + i]?.type ?? e.type,
    })),
    cache: lookupCache(request.options),
    maxRetries: lookupRetries(request.options),
    ...(asOf.hint?.retryMiss === undefined ? {} : { retryMiss: asOf.hint.retryMiss }),
    timeoutMillis: asOf.hint?.timeoutMillis ?? durationOption(context.options, "table.exec.async-lookup.timeout", 0),
  };
  const text = describe(plan, spec, left, calc);
  const pure = calc.expressions.every((e) => lowering.pure(e));
  return lowering.node(spec, [left], text, plan.schema.fields, pure);
}

function notLookedUp(asOf: Proctime): SqlError {
  return new SqlError("PLANNING", "Processing-time temporal join is not supported yet.", {
    span: asOf.span,
    hint: "only a table whose connector answers look-ups can be joined as of a processing time; others as of an event time",
  });
}

/** Equalities with whole columns of the table become keys, the rest a condition over left columns ++ its columns. */
function splitCondition(
  lowering: Lowering,
  plan: Join,
  calc: Calc,
  scan: Scan,
): { readonly keys: Keys; readonly rest: readonly Expr[] } {
  const leftWidth = plan.inputs[0].schema.fields.length;
  const keys: Keys[number][] = [];
  const rest: Expr[] = [];
  const add = (column: Expr, equals: Keys[number]["equals"]): boolean => {
    if (column.kind !== "column") return false;
    const field = scan.columns?.[column.index];
    if (field?.kind !== "physical" || field.path.length !== 1) return false;
    if (keys.some((key) => key.column === column.index)) return false;
    keys.push({ column: column.index, equals });
    return true;
  };
  const constant = (condition: Expr): boolean => {
    if (condition.kind !== "call" || condition.function !== "=") return false;
    const [a, b] = condition.args.map((arg) => lowering.context.fold(arg)) as [Expr, Expr];
    const [column, value] = a.kind === "literal" ? [b, a] : [a, b];
    if (value.kind !== "literal" || value.value === null || !sameBytes(column.type, value.type)) return false;
    return add(column, { constant: value.value, type: column.type });
  };
  for (const condition of conjuncts(plan.condition)) {
    const key = equiKey(condition, leftWidth);
    if (key !== undefined && !key.nullSafe && key.left.kind === "column" && key.right.kind === "column") {
      const column = calc.expressions[key.right.index - leftWidth];
      if (column !== undefined && add(column, { left: key.left.index })) continue;
    }
    const composed = replaceColumns(condition, (c) => {
      if (c.index < leftWidth) return c;
      return shiftColumns(calc.expressions[c.index - leftWidth]!, leftWidth);
    });
    const ofTable = isOfTable(condition, leftWidth) ? shiftColumns(composed, -leftWidth) : undefined;
    if (ofTable === undefined || !constant(ofTable)) rest.push(composed);
  }
  for (const condition of calc.conditions) if (!constant(condition)) rest.push(shiftColumns(condition, leftWidth));
  return { keys, rest };
}

function isOfTable(condition: Expr, leftWidth: number): boolean {
  if (condition.kind === "column") return condition.index >= leftWidth;
  return condition.kind === "literal" || condition.args.every((arg) => isOfTable(arg, leftWidth));
}

function describe(plan: Join, spec: LookupJoinSpec, left: Draft, calc: Calc): string {
  const names = calc.input.schema.fields.map((f) => f.name);
  const lookup = spec.keys.map(({ column, equals }) => {
    const value =
      "left" in equals
        ? left.fields[equals.left]?.name
        : expressionText({ kind: "literal", value: equals.constant, type: equals.type }, []);
    return `${names[column]}=${value}`;
  });
  const both = uniqueFields([...left.fields, ...calc.input.schema.fields]);
  const where = spec.condition === undefined ? "" : `, where=[${expressionText(spec.condition, both)}]`;
  const select = uniqueFields(plan.schema.fields).map((f) => f.name);
  return `LookupJoin(table=[${spec.table.table}], joinType=[${JOIN_NAMES[spec.type]}], lookup=[${lookup.join(", ")}]${where}, select=[${select.join(", ")}])`;
}
