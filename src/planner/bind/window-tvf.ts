import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { call, type Expr } from "../../expressions/expr.ts";
import type { Expression, TableArgument, TableFunction } from "../../parser/index.ts";
import type { WindowSpec } from "../../runtime/spec.ts";
import { T, withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { isBatch } from "../batch-mode.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import { columnsOfPlan, extend, filter, project, windowTvf } from "./nodes.ts";
import { resolveColumn, tableScope, type Relation } from "./scope.ts";

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  TUMBLE: ["DATA", "TIMECOL", "SIZE", "OFFSET"],
  HOP: ["DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"],
  CUMULATE: ["DATA", "TIMECOL", "STEP", "SIZE", "OFFSET"],
  SESSION: ["DATA", "TIMECOL", "GAP"],
};

/** TUMBLE, HOP, CUMULATE, SESSION in FROM. */
export function isWindowTvf(name: string): boolean {
  return Object.hasOwn(PARAMETERS, name);
}

/** `TUMBLE(TABLE t, DESCRIPTOR(ts), …)`; `bindInput` binds the table of DATA. */
export function bindWindowTvf(
  node: TableFunction,
  name: string,
  env: Environment,
  bindInput: (table: TableArgument["table"]) => Relation,
): Relation {
  const args = namedArguments(node, must(PARAMETERS[name], "parameters"));
  const data = required(args, "DATA", node);
  if (data.kind !== "TableArgument") {
    throw new SqlError("INVALID_QUERY", `The first argument of ${name} must be a table: TABLE t`, { span: data.span });
  }
  const input = bindInput(data.table);
  const scope = tableScope(
    input,
    typeof data.table === "object" && data.table.kind === "ObjectName" ? data.table.parts.map((p) => p.name) : [],
    undefined,
  );
  const descriptor = required(args, "TIMECOL", node);
  if (descriptor.kind !== "Descriptor" || descriptor.columns.length !== 1) {
    throw new SqlError("INVALID_QUERY", `The second argument of ${name} must be one column: DESCRIPTOR(ts)`, {
      span: descriptor.span,
    });
  }
  const time = resolveColumn(scope, descriptor.columns);
  const batch = isBatch(env.binding.options);
  if (time.kind !== "column" || !(timeAttributeOf(time.type) !== undefined || (batch && isTimestamp(time.type)))) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `The window function ${name} requires that the time column is a time attribute, but its type is ${typeText(withoutTimeAttribute(time.type))}`,
      { span: descriptor.span, hint: "declare WATERMARK FOR the column in CREATE TABLE, and pass it on unchanged" },
    );
  }
  const partition = data.partitionBy.map((key) => {
    const bound = bindExpression(key, { ...env, scope, clause: "PARTITION BY" });
    if (bound.kind === "column") return bound.index;
    throw new SqlError("UNSUPPORTED", "PARTITION BY of a window function takes only columns", { span: key.span });
  });
  if (name !== "SESSION" && partition.length > 0) {
    throw new SqlError("INVALID_QUERY", `PARTITION BY is for SESSION windows only: ${name} takes none`, {
      span: data.span,
    });
  }
  const millis = (parameter: string): number => intervalMillis(required(args, parameter, node), env, parameter);
  const offset = args.get("OFFSET");
  const offsetMillis = offset === undefined ? 0 : intervalMillis(offset, env, "OFFSET");
  const spec = windowSpec(name, node.span, millis, offsetMillis);
  const plan = windowOver(input.plan, spec, time, partition);
  return { plan, names: [...input.names, "window_start", "window_end", "window_time"] };
}

function isTimestamp(type: DataType): boolean {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

/**
 * Windows are in milliseconds; a plain column of batch mode may have another precision, which window_time gets back, and
 * NULLs, which are in no window.
 */
function windowOver(
  rows: LogicalPlan,
  spec: WindowSpec,
  time: Extract<Expr, { kind: "column" }>,
  partition: readonly number[],
): LogicalPlan {
  const { type } = time;
  const input = timeAttributeOf(type) === undefined ? withTime(rows, time) : rows;
  if (!("precision" in type) || type.precision === 3) return windowTvf(input, spec, time.index, partition);
  const width = input.schema.fields.length;
  const inMillis = call("CAST", [time], { ...type, precision: 3 }, undefined);
  const windowed = windowTvf(extend(input, [inMillis], ["$time"]), spec, width, partition);
  const columns = columnsOfPlan(windowed);
  const windowTime = call("CAST", [columns[width + 3]!], withNullable(type, false), undefined);
  const names = windowed.schema.fields.map((f) => f.name);
  return project(
    windowed,
    [...columns.slice(0, width), ...columns.slice(width + 1, width + 3), windowTime],
    names.toSpliced(width, 1),
  );
}

/** The rows that have a time. */
export function withTime(rows: LogicalPlan, time: Expr): LogicalPlan {
  return time.type.nullable ? filter(rows, call("IS NOT NULL", [time], T.boolean(false))) : rows;
}

/**
 * The window of a function's intervals. Throws INVALID_QUERY where they are not positive, PLANNING where those of CUMULATE
 * do not fit each other; HOP may go by what does not divide its size, but for aggregates (rules/window-aggregate.ts).
 */
export function windowSpec(
  name: string,
  span: Span,
  millis: (parameter: string) => number,
  offsetMillis: number,
): WindowSpec {
  switch (name) {
    case "TUMBLE": {
      const sizeMillis = positive(millis("SIZE"), "SIZE", span);
      if (Math.abs(offsetMillis) >= sizeMillis)
        throw new SqlError(
          "INVALID_QUERY",
          `TUMBLE table function parameters must satisfy abs(offset) < size, but got size ${sizeMillis} ms and offset ${offsetMillis} ms.`,
          { span },
        );
      return { type: "tumble", sizeMillis, offsetMillis };
    }
    case "HOP": {
      const slideMillis = positive(millis("SLIDE"), "SLIDE", span);
      const sizeMillis = positive(millis("SIZE"), "SIZE", span);
      return { type: "hop", sizeMillis, slideMillis, offsetMillis };
    }
    case "CUMULATE": {
      const stepMillis = positive(millis("STEP"), "STEP", span);
      const maxMillis = positive(millis("SIZE"), "SIZE", span);
      if (maxMillis % stepMillis !== 0) {
        throw new SqlError(
          "PLANNING",
          `CUMULATE requires size to be an integral multiple of step, but got size ${maxMillis} ms and step ${stepMillis} ms`,
          { span },
        );
      }
      return { type: "cumulate", maxMillis, stepMillis, offsetMillis };
    }
    default:
      return { type: "session", gapMillis: positive(millis("GAP"), "GAP", span) };
  }
}

/** The milliseconds of a constant interval. */
export function intervalMillis(node: Expression, env: Environment, what: string): number {
  const bound = bindExpression(node, env);
  if (bound.kind === "literal" && bound.type.kind === "INTERVAL_DAY_TIME" && typeof bound.value === "number")
    return bound.value;
  if (bound.type.kind === "INTERVAL_YEAR_MONTH") {
    throw new SqlError(
      "PLANNING",
      `Window aggregate only supports SECOND, MINUTE, HOUR, DAY as the time unit, but ${what} is in months`,
      { span: node.span, hint: "group by DATE_FORMAT(ts, 'yyyy-MM') for calendar months" },
    );
  }
  throw new SqlError("TYPE_MISMATCH", `${what} must be a constant interval such as INTERVAL '10' MINUTE`, {
    span: node.span,
  });
}

function positive(millis: number, what: string, span: Span): number {
  if (millis > 0) return millis;
  throw new SqlError("INVALID_QUERY", `${what} of a window must be positive, but is ${millis} ms`, { span });
}

/** The arguments of a table function by the names of its parameters, in upper case. */
export function namedArguments(node: TableFunction, parameters: readonly string[]): ReadonlyMap<string, Expression> {
  const args = new Map<string, Expression>();
  for (const [i, arg] of node.args.entries()) {
    const name = arg.kind === "NamedArgument" ? arg.name.name.toUpperCase() : parameters[i];
    if (name === undefined || !parameters.includes(name) || args.has(name)) {
      throw new SqlError("INVALID_QUERY", `Unexpected argument of ${node.name.parts.at(-1)!.name}`, {
        span: arg.span,
        hint: `it takes ${parameters.join(", ")}`,
      });
    }
    args.set(name, arg.kind === "NamedArgument" ? arg.value : arg);
  }
  return args;
}

/** An argument that must be there. */
export function required(args: ReadonlyMap<string, Expression>, name: string, node: TableFunction): Expression {
  const arg = args.get(name);
  if (arg !== undefined) return arg;
  throw new SqlError("INVALID_QUERY", `Argument ${name} of ${node.name.parts.at(-1)!.name} is missing`, {
    span: node.span,
  });
}

/** The three window columns of a TVF's plan, by position. */
export function windowColumns(plan: Relation["plan"]): {
  readonly start: number;
  readonly end: number;
  readonly time: number;
} {
  const width = plan.schema.fields.length;
  return { start: width - 3, end: width - 2, time: width - 1 };
}
