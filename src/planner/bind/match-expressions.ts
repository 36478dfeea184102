import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type { Expression, FunctionCall } from "../../parser/index.ts";
import { withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCallSpec, MatchExpressions, MatchReference, MatchVariable } from "../../runtime/spec.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, digest, replaceColumns } from "../logical/rewrite.ts";
import { bindAggregateCall } from "./aggregate-call.ts";
import { functionName } from "./call.ts";
import type { Binding, Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { project, uniqueNames } from "./nodes.ts";
import { PENDING_BASE } from "./pending.ts";
import { resolveColumn, type Scope, type ScopeColumn } from "./scope.ts";

/** All rows of the match so far, whichever variable they are of. */
const ALL = -1;

/** The columns that a MATCH_RECOGNIZE reads of its input: a projection under construction. */
export class MatchInput {
  readonly fields: LogicalPlan["schema"]["fields"];
  readonly names: readonly string[];
  readonly #input: LogicalPlan;
  readonly #columns: { readonly expr: Expr; readonly name: string }[] = [];
  readonly #known = new Map<string, number>();

  constructor(input: LogicalPlan, names: readonly string[]) {
    this.#input = input;
    this.fields = input.schema.fields;
    this.names = names;
  }

  /** A partition column. It stands apart: rows are stored without it, so that what expressions read is a column of its own. */
  addKey(expr: Expr): number {
    return this.#columns.push({ expr, name: this.#nameOf(expr) }) - 1;
  }

  /** The column of an expression over the input. */
  add(expr: Expr): number {
    const key = digest(expr);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.#columns.push({ expr, name: this.#nameOf(expr) }) - 1;
    this.#known.set(key, at);
    return at;
  }

  nameOf(at: number): string {
    return this.#columns[at]!.name;
  }

  plan(): LogicalPlan {
    const names = uniqueNames(this.#columns.map((c) => c.name));
    return project(
      this.#input,
      this.#columns.map((c) => c.expr),
      names,
    );
  }

  #nameOf(expr: Expr): string {
    return expr.kind === "column" ? (this.names[expr.index] ?? `$f${expr.index}`) : `$f${this.#columns.length}`;
  }
}

/** What an expression of DEFINE or MEASURES sees. */
export interface PatternContext {
  readonly source: MatchInput;
  readonly binding: Binding;
  readonly variables: readonly Omit<MatchVariable, "condition">[];
  /** Type of the time attribute. */
  readonly time: DataType | undefined;
  /** The variable whose condition it is; undefined: MEASURES; −1: of a variable that the pattern does not have. */
  readonly current: number | undefined;
  /** The name of a variable that is defined but not in the pattern, for its own condition. */
  readonly alone: string | undefined;
  readonly clause: string;
}

/** Binds expressions of one clause; they share their references. */
export function bindMatchExpressions(nodes: readonly Expression[], context: PatternContext): MatchExpressions {
  const binder = new MatchBinder(context);
  const expressions = nodes.map((node) => binder.bind(node));
  return { references: binder.references, types: binder.types, expressions };
}

/**
 * While an expression is bound, a column of a variable is a number below PENDING_BASE that tells both; what it refers to
 * in the end (which row, an aggregate) is a number from there on.
 */
class MatchBinder {
  readonly references: MatchReference[] = [];
  readonly types: DataType[] = [];
  readonly #known = new Map<string, number>();
  readonly #context: PatternContext;

  constructor(context: PatternContext) {
    this.#context = context;
  }

  bind(node: Expression): Expr {
    const { clause } = this.#context;
    const env: Environment = {
      binding: { ...this.#context.binding, notes: undefined },
      scope: this.#scope(1, true),
      clause,
      aggregate: (call) => this.#aggregate(call),
      special: (call) => this.#special(call),
    };
    const bound = this.#settle(bindExpression(node, env), "last", 0);
    return replaceColumns(bound, (c) => ({ ...c, index: c.index - PENDING_BASE }));
  }

  /** Variables as tables; a column without one is of all rows. `rows`: how many rows back or forth are looked at. */
  #scope(rows: number, mayBeMissing: boolean): Scope {
    const { source, variables, alone } = this.#context;
    const width = source.fields.length;
    const columns = (variable: number): ScopeColumn[] =>
      source.fields.map((field, i) => ({
        name: source.names[i] ?? field.name,
        expr: column((variable + 1) * width + i, this.#typeOf(field.type, variable, mayBeMissing ? rows : 0)),
      }));
    const own = alone === undefined ? [] : [{ name: [alone], columns: columns(ALL) }];
    return {
      tables: [...variables.map((v, i) => ({ name: [v.name], columns: columns(i) })), ...own],
      merged: columns(ALL),
      outer: undefined,
    };
  }

  /** NULL stands for a row that is not there; where there are surely `rows` rows the type says so. */
  #typeOf(type: DataType, variable: number, rows: number): DataType {
    const plain = withoutTimeAttribute(type);
    return rows <= this.#surely(variable) ? plain : withNullable(plain, true);
  }

  /** How many rows the variable has at least. */
  #surely(variable: number): number {
    const { variables, current } = this.#context;
    const minimum = (i: number): number => {
      if (current === undefined || i < current) return variables[i]!.minimum;
      return i === current ? 1 : 0;
    };
    return variable === ALL
      ? variables.reduce((sum, _, i) => sum + minimum(i), current === -1 ? 1 : 0)
      : minimum(variable);
  }

  /** The expression with its plain columns settled as rows of their variables. */
  #settle(expr: Expr, from: "first" | "last", offset: number): Expr {
    const width = this.#context.source.fields.length;
    return replaceColumns(expr, (c) => {
      if (c.index >= PENDING_BASE) return c;
      const variable = Math.floor(c.index / width) - 1;
      const at = this.#context.source.add(this.#inputColumn(c.index % width));
      return this.#refer({ kind: "row", variable, column: at, from, offset }, c.type, c.span);
    });
  }

  #inputColumn(index: number): Expr {
    return column(index, this.#context.source.fields[index]!.type);
  }

  #refer(reference: MatchReference, type: DataType, span: Span | undefined): Expr {
    const key = digest(reference);
    let at = this.#known.get(key);
    if (at === undefined) {
      at = this.references.push(reference) - 1;
      this.types.push(type);
      this.#known.set(key, at);
    }
    return column(PENDING_BASE + at, type, span);
  }

  #special(call: FunctionCall): Expr | undefined {
    switch (functionName(call)) {
      case "FIRST":
      case "LAST":
        return this.#navigation(call, functionName(call) === "FIRST" ? "first" : "last");
      case "PREV":
      case "NEXT":
        return this.#physical(call);
      case "FINAL":
        if (this.#context.current !== undefined)
          throw new SqlError("INVALID_QUERY", "FINAL is only for MEASURES", { span: call.span });
        return this.#bindInner(call.args[0]!);
      case "RUNNING":
        throw planning("RUNNING is not supported: a match has one row", call.span, "leave it out, or write FINAL");
      case "MATCH_ROWTIME":
        return this.#rowtime(call);
      case "MATCH_PROCTIME":
        return this.#proctime(call);
      case "CLASSIFIER":
      case "MATCH_NUMBER":
        throw planning(`Unsupported call: ${functionName(call)}()`, call.span);
      default:
        return undefined;
    }
  }

  /** A part of the expression, with everything allowed that is allowed in it. */
  #bindInner(node: Expression): Expr {
    return replaceColumns(this.bind(node), (c) => ({ ...c, index: c.index + PENDING_BASE }));
  }

  #navigation(call: FunctionCall, from: "first" | "last"): Expr {
    const [value, count] = call.args;
    if (value === undefined || call.args.length > 2) throw signature(call);
    const offset = count === undefined ? 0 : constantOffset(count, call);
    return this.#rowOf(call, value, from, offset);
  }

  #rowOf(call: FunctionCall, value: Expression, from: "first" | "last", offset: number): Expr {
    const name = functionName(call);
    const bound = bindExpression(value, {
      binding: { ...this.#context.binding, notes: undefined },
      scope: this.#scope(offset + 1, true),
      clause: name,
      aggregate: (aggregate) => {
        throw new SqlError("INVALID_QUERY", `Cannot use aggregation in navigation '${name}'`, { span: aggregate.span });
      },
      special: (inner) => {
        if (!NAVIGATION.has(functionName(inner))) return undefined;
        throw new SqlError("INVALID_QUERY", `Cannot nest ${functionName(inner)} under ${name}`, { span: inner.span });
      },
    });
    this.#oneVariable(bound, call);
    return this.#settle(bound, from, offset);
  }

  /** PREV and NEXT by no rows are the row itself; Flink has no others. */
  #physical(call: FunctionCall): Expr {
    const name = functionName(call);
    if (this.#context.current === undefined)
      throw new SqlError("INVALID_QUERY", `Cannot use PREV/NEXT in MEASURE '${name}'`, { span: call.span });
    const [value, count] = call.args;
    if (value === undefined || call.args.length > 2) throw signature(call);
    if ((count === undefined ? 1 : constantOffset(count, call)) !== 0) {
      throw planning(
        "Flink does not support physical offsets within partition.",
        call.span,
        "LAST(A.x, 1) is the row of A before the present one",
      );
    }
    return this.#rowOf(call, value, "last", 0);
  }

  /** The variable that all columns are of; several: an error. */
  #oneVariable(bound: Expr, call: FunctionCall): number | undefined {
    const width = this.#context.source.fields.length;
    const variables = new Set([...columnsOf(bound)].map((index) => Math.floor(index / width) - 1));
    if (variables.size > 1) {
      throw new SqlError("INVALID_QUERY", `Multiple pattern variables in '${functionName(call)}'`, { span: call.span });
    }
    return [...variables][0];
  }

  #aggregate(call: FunctionCall): Expr {
    const name = functionName(call);
    if (call.distinct) {
      throw new SqlError("INVALID_QUERY", `DISTINCT/ALL not allowed with ${name} in MATCH_RECOGNIZE`, {
        span: call.span,
      });
    }
    if (call.filter !== undefined) throw planning("FILTER is not supported in MATCH_RECOGNIZE", call.span);
    const env = {
      binding: { ...this.#context.binding, notes: undefined },
      scope: this.#scope(1, false),
      clause: name,
    };
    const bound = bindAggregateCall(call, env, true);
    const variables = new Set(bound.args.map((arg) => this.#oneVariable(arg, call)));
    variables.delete(undefined);
    if (variables.size > 1) {
      throw new SqlError("INVALID_QUERY", `Multiple pattern variables in '${name}'`, { span: call.span });
    }
    const variable = bound.args.length === 0 ? ALL : [...variables][0];
    if (variable === undefined) throw planning("No pattern variable specified in aggregate", call.span);
    const width = this.#context.source.fields.length;
    const args = bound.args.map((arg) => replaceColumns(arg, (c) => this.#inputColumn(c.index % width)));
    const spec: AggregateCallSpec = {
      function: bound.function,
      args: args.map((arg) => this.#context.source.add(arg)),
      argTypes: args.map((arg) => arg.type),
      literals: bound.literals,
      distinct: false,
      result: bound.type,
      name: bound.function,
    };
    return this.#refer({ kind: "aggregate", variable, call: spec }, bound.type, call.span);
  }

  #rowtime(call: FunctionCall): Expr {
    const { source, time } = this.#context;
    const [argument] = call.args;
    let type: DataType = { kind: "TIMESTAMP", precision: 3, nullable: false, timeAttribute: "rowtime" };
    if (argument !== undefined) {
      const bound = argument.kind === "ColumnRef" ? resolveColumn(this.#scope(1, false), argument.parts) : undefined;
      const field = bound?.kind === "column" ? source.fields[bound.index % source.fields.length] : undefined;
      const attribute = field !== undefined && "timeAttribute" in field.type ? field.type.timeAttribute : undefined;
      if (field === undefined || attribute !== "rowtime" || call.args.length > 1) {
        const found = field === undefined ? "an expression" : typeText(withoutTimeAttribute(field.type));
        throw new SqlError(
          "TYPE_MISMATCH",
          `The function MATCH_ROWTIME requires argument to be a row time attribute type, but is '${found}'.`,
          { span: call.span },
        );
      }
      type = field.type;
    }
    const ordered = time !== undefined && "timeAttribute" in time && time.timeAttribute === "rowtime";
    return this.#refer({ kind: "time" }, ordered ? type : withoutTimeAttribute(type), call.span);
  }

  #proctime(call: FunctionCall): Expr {
    if (call.args.length > 0) throw signature(call);
    const type: DataType = { kind: "TIMESTAMP_LTZ", precision: 3, nullable: false, timeAttribute: "proctime" };
    return { kind: "call", function: "PROCTIME", args: [], type, span: call.span };
  }
}

const NAVIGATION: ReadonlySet<string> = new Set(["FIRST", "LAST", "PREV", "NEXT"]);

function planning(message: string, span: Span, hint?: string): SqlError {
  return new SqlError("PLANNING", message, { span, hint });
}

function signature(call: FunctionCall): SqlError {
  const name = functionName(call);
  return new SqlError("FUNCTION_NOT_FOUND", `No match found for function signature ${name} with these arguments`, {
    span: call.span,
    hint: name.startsWith("MATCH_") ? `${name}()` : `${name}(value[, rows])`,
  });
}

function constantOffset(node: Expression, call: FunctionCall): number {
  const value = node.kind === "Literal" && node.type === "number" && /^\d+$/.test(node.text) ? Number(node.text) : -1;
  if (value >= 0 && value <= 2147483647) return value;
  throw new SqlError("INVALID_QUERY", `The second argument of ${functionName(call)} must be a number of rows`, {
    span: node.span,
  });
}
