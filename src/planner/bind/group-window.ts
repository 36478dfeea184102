import { SqlError } from "../../base/errors.ts";
import { call, type Expr } from "../../expressions/expr.ts";
import type { FunctionCall } from "../../parser/index.ts";
import type { WindowSpec } from "../../runtime/spec.ts";
import { isProctime, shownTimeAttribute, T, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { isBatch } from "../batch-mode.ts";
import { digest } from "../logical/rewrite.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import { functionName } from "./call.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { asTimeAttribute } from "./nodes.ts";
import { intervalMillis, windowSpec } from "./window-tvf.ts";

/** `TUMBLE(ts, INTERVAL '1' MINUTE)` in GROUP BY. */
export interface GroupWindow {
  readonly name: string;
  /** In milliseconds. */
  readonly time: Expr;
  /** The type of the time as it was written. */
  readonly rowtime: DataType;
  readonly spec: WindowSpec;
}

/** A property of the group window that a call such as TUMBLE_START means. */
export type GroupWindowProperty = "start" | "end" | "rowtime" | "proctime";

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  TUMBLE: ["SIZE"],
  HOP: ["SLIDE", "SIZE"],
  SESSION: ["GAP"],
};

const PROPERTY = /^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/;

/** TUMBLE, HOP, SESSION when the call is a group window. */
export function groupWindowName(node: FunctionCall): string | undefined {
  const name = functionName(node);
  return Object.hasOwn(PARAMETERS, name) && node.over === undefined ? name : undefined;
}

/** Binds a group window call. Throws TYPE_MISMATCH unless its column is a time attribute. */
export function bindGroupWindow(node: FunctionCall, env: Environment, name = functionName(node)): GroupWindow {
  const parameters = PARAMETERS[name]!;
  if (node.args.length > parameters.length + 1 && node.args.length === parameters.length + 2) {
    throw new SqlError("PLANNING", `${name} window with alignment is not supported`, {
      span: node.args.at(-1)!.span,
      hint: `the window function ${name}(TABLE t, …) takes an offset`,
    });
  }
  if (node.args.length !== parameters.length + 1) {
    throw new SqlError(
      "INVALID_QUERY",
      `Invalid number of arguments to function '${name}': was expecting ${parameters.length + 1} arguments`,
      { span: node.span },
    );
  }
  const time = bindExpression(node.args[0]!, env);
  const millis = (parameter: string): number =>
    intervalMillis(node.args[parameters.indexOf(parameter) + 1]!, env, parameter);
  const spec = windowSpec(name, node.span, millis, 0);
  // In batch mode any timestamp will do.
  if (isBatch(env.binding.options) && time.type.kind === "TIMESTAMP" && timeAttributeOf(time.type) === undefined) {
    const { type } = time;
    const inMillis = type.precision === 3 ? time : call("CAST", [time], { ...type, precision: 3 }, undefined);
    return { name, time: inMillis, rowtime: type, spec };
  }
  const attribute = shownTimeAttribute(time.type);
  if (attribute === undefined) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `Window aggregate can only be defined over a time attribute column, but ${typeText(withoutTimeAttribute(time.type))} encountered.`,
      {
        span: node.args[0]!.span,
        hint: "declare WATERMARK FOR the column in CREATE TABLE, and pass it on unchanged",
      },
    );
  }
  if (timeAttributeOf(time.type) === undefined) {
    const type = asTimeAttribute(withoutTimeAttribute(time.type), attribute);
    return { name, time: { ...time, type }, rowtime: type, spec };
  }
  return { name, time, rowtime: time.type, spec };
}

/** The property of `window` that a call means; undefined for other calls. Throws when the query has no such window. */
export function groupWindowProperty(
  node: FunctionCall,
  window: GroupWindow | undefined,
  env: Environment,
): GroupWindowProperty | undefined {
  const match = PROPERTY.exec(functionName(node));
  if (match === null) return undefined;
  const [, name, property] = match as unknown as readonly [string, string, string];
  if (property === "PROCTIME" && isBatch(env.binding.options)) {
    throw new SqlError("INVALID_QUERY", "PROCTIME window property is not supported in batch queries.", {
      span: node.span,
    });
  }
  const wanted = bindGroupWindow(node, env, name);
  const same =
    window !== undefined &&
    window.name === name &&
    digest([window.time, window.spec]) === digest([wanted.time, wanted.spec]);
  if (!same) {
    throw new SqlError(
      "INVALID_QUERY",
      `Call to auxiliary group function '${name}_${property}' must have matching call to group function '${name}' in GROUP BY clause`,
      { span: node.span },
    );
  }
  return property.toLowerCase() as GroupWindowProperty;
}

/** The type of a property. */
export function groupWindowPropertyType(
  property: GroupWindowProperty,
  window: GroupWindow,
  span: FunctionCall["span"],
): DataType {
  switch (property) {
    case "start":
    case "end":
      return T.timestamp(3, false);
    case "rowtime": {
      const { rowtime: type } = window;
      if (!isProctime(type) && (type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ"))
        return { ...type, precision: type.timeAttribute === undefined ? type.precision : 3 };
      throw new SqlError("INVALID_QUERY", "A proctime window cannot provide a rowtime attribute.", { span });
    }
    case "proctime": {
      const { type } = window.time;
      if (isProctime(type)) return { kind: "TIMESTAMP_LTZ", precision: 3, nullable: false, timeAttribute: "proctime" };
      return type.kind === "TIMESTAMP_LTZ" ? T.timestampLtz(3) : T.timestamp(3);
    }
  }
}
