import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import { walk, type Expression, type FunctionCall, type Identifier } from "../../parser/index.ts";
import { T, withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type {
  AggregateCallSpec,
  MatchExpressions,
  MatchReference,
  MatchRowReference,
  MatchVariable,
} from "../../runtime/spec.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, digest, replaceColumns } from "../logical/rewrite.ts";
import { overSum } from "./averages.ts";
import { bindAggregateCall } from "./aggregate-call.ts";
import { functionName } from "./call.ts";
import type { Binding, Environment } from "./context.ts";
import { leastRows, type Subset } from "./match-pattern.ts";
import { bindExpression } from "./expression.ts";
import { project } from "./nodes.ts";
import { uniqueNames } from "../logical/unique-names.ts";
import { PENDING_BASE } from "./pending.ts";
import { resolveColumn, type Scope, type ScopeColumn } from "./scope.ts";

/** All rows of the match so far, whichever variable they are of. */
const ALL = -1;

/** A column beside those of the input, by a name that no column has in a query. */
const CLASSIFIER = "CLASSIFIER()";

const LAST_ROW = { from: "last", offset: 0 } as const;

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
  readonly subsets: readonly Subset[];
  /** The search is that of SQL:2016: how rows in front were taken is not known from the place in the pattern. */
  readonly isStandard: boolean;
  /** All rows of a match come out, and measures see those up to the present one. */
  readonly allRows: boolean;
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
  /** The function that is bound next stands behind FINAL. */
  #isFinal = false;

  constructor(context: PatternContext) {
    this.#context = context;
  }

  /** Columns of a variable as numbers: those of the input, then the name of the variable that a row was taken for. */
  get #width(): number {
    return this.#context.source.fields.length + 1;
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
    const bound = this.#settle(bindExpression(node, env), LAST_ROW);
    return replaceColumns(bound, (c) => ({ ...c, index: c.index - PENDING_BASE }));
  }

  /** Variables as tables; a column without one is of all rows. `rows`: how many rows back or forth are looked at. */
  #scope(rows: number, mayBeMissing: boolean): Scope {
    const { source, variables, subsets, alone } = this.#context;
    const columns = (variable: number): ScopeColumn[] => [
      ...source.fields.map((field, i) => ({
        name: source.names[i] ?? field.name,
        expr: column((variable + 1) * this.#width + i, this.#typeOf(field.type, variable, mayBeMissing ? rows : 0)),
      })),
      { name: CLASSIFIER, expr: this.#classifierOf(variable) },
    ];
    const own = alone === undefined ? [] : [{ name: [alone], columns: columns(ALL) }];
    return {
      tables: [...[...variables, ...subsets].map((v, i) => ({ name: [v.name], columns: columns(i) })), ...own],
      merged: columns(ALL),
      outer: undefined,
    };
  }

  #classifierOf(variable: number, span?: Span): Expr {
    return column((variable + 1) * this.#width + this.#width - 1, T.string(), span);
  }

  /** NULL stands for a row that is not there; where there are surely `rows` rows the type says so. */
  #typeOf(type: DataType, variable: number, rows: number): DataType {
    const plain = withoutTimeAttribute(type);
    return rows <= this.#surely(variable) ? plain : withNullable(plain, true);
  }

  /** How many rows the variable or subset has at least. */
  #surely(variable: number): number {
    const { variables, subsets, current, isStandard, allRows } = this.#context;
    const all = variables.map((_, i) => i);
    const members = variable === ALL ? all : (subsets[variable - variables.length]?.variables ?? [variable]);
    if (current === undefined && allRows) return variable === ALL ? Math.min(1, leastRows(variables)) : 0;
    if (current !== undefined && isStandard) return variable === ALL || members.includes(current) ? 1 : 0;
    const minimum = (i: number): number => {
      if (current === undefined || i < current) return variables[i]!.minimum;
      return i === current ? 1 : 0;
    };
    return members.reduce((sum, i) => sum + minimum(i), variable === ALL && current === -1 ? 1 : 0);
  }

  /** The expression with its plain columns settled as those of one row of their variables. */
  #settle(expr: Expr, row: Omit<MatchRowReference, "variable">): Expr {
    return replaceColumns(expr, (c) => {
      if (c.index >= PENDING_BASE) return c;
      const { variable, input } = this.#placeOf(c.index);
      if (input === undefined) return this.#refer({ kind: "classifier", variable, ...row }, c.type, c.span);
      const at = this.#context.source.add(this.#inputColumn(input));
      return this.#refer({ kind: "row", variable, column: at, ...row }, c.type, c.span);
    });
  }

  /** The variable that a number of `#scope` stands for and the column of the input; without one: the variable's name. */
  #placeOf(index: number): { readonly variable: number; readonly input: number | undefined } {
    const input = index % this.#width;
    return {
      variable: Math.floor(index / this.#width) - 1,
      input: input === this.#width - 1 ? undefined : input,
    };
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
    const name = functionName(call);
    switch (name) {
      case "FIRST":
      case "LAST":
        return this.#navigation(call);
      case "PREV":
      case "NEXT":
        return this.#physical(call);
      case "FINAL":
      case "RUNNING":
        return this.#semantics(call, name === "FINAL");
      case "MATCH_ROWTIME":
        return this.#rowtime(call);
      case "MATCH_PROCTIME":
        return this.#proctime(call);
      case "CLASSIFIER":
        return this.#classifier(call);
      case "MATCH_NUMBER":
        return this.#number(call);
      default:
        return undefined;
    }
  }

  /** FINAL and RUNNING differ only where rows of a match come out one by one. */
  #semantics(call: FunctionCall, isFinal: boolean): Expr {
    const { current, allRows } = this.#context;
    const [inner] = call.args;
    if (inner === undefined || call.args.length > 1) throw signature(call, " LAST(value)");
    if (current !== undefined && isFinal)
      throw new SqlError("INVALID_QUERY", "FINAL is only for MEASURES", { span: call.span });
    if (allRows) {
      const name = inner.kind === "FunctionCall" ? functionName(inner) : "";
      const isAggregate = this.#context.binding.functions.aggregate(name) !== undefined;
      if (name !== "FIRST" && name !== "LAST" && !isAggregate) {
        throw new SqlError("INVALID_QUERY", `${functionName(call)} stands in front of FIRST, LAST or an aggregate`, {
          span: call.span,
        });
      }
      this.#isFinal = isFinal;
    }
    const bound = replaceColumns(this.bind(inner), (c) => ({ ...c, index: c.index + PENDING_BASE }));
    this.#isFinal = false;
    return bound;
  }

  /** What FINAL in front of the present function adds to its reference; it is for that function alone. */
  #takeFinal(): { readonly final?: true } {
    const isFinal = this.#isFinal;
    this.#isFinal = false;
    return isFinal ? { final: true } : {};
  }

  #navigation(call: FunctionCall, shift?: number): Expr {
    const final = this.#takeFinal();
    const [value, count] = call.args;
    if (value === undefined || call.args.length > 2) throw signature(call, "(value[, rows])");
    const from = functionName(call) === "FIRST" ? "first" : "last";
    const offset = count === undefined ? 0 : constantOffset(count, call);
    return this.#rowOf(call, value, { from, offset, ...(shift === undefined ? {} : { shift }), ...final });
  }

  #rowOf(call: FunctionCall, value: Expression, row: Omit<MatchRowReference, "variable">): Expr {
    const name = functionName(call);
    const bound = bindExpression(value, {
      binding: { ...this.#context.binding, notes: undefined },
      scope: this.#scope(row.shift === undefined ? row.offset + 1 : Infinity, true),
      clause: name,
      aggregate: (aggregate) => {
        throw new SqlError("INVALID_QUERY", `Cannot use aggregation in navigation '${name}'`, { span: aggregate.span });
      },
      special: (inner) => {
        const innerName = functionName(inner);
        if (innerName === "CLASSIFIER") return this.#classifier(inner);
        if (innerName === "MATCH_NUMBER") return this.#number(inner);
        if (!NAVIGATION.has(innerName)) return undefined;
        throw new SqlError("INVALID_QUERY", `Cannot nest ${innerName} under ${name}`, { span: inner.span });
      },
    });
    this.#oneVariable(bound, call);
    return this.#settle(bound, row);
  }

  /** PREV and NEXT go on from a row that FIRST or LAST in them says; without these from the last one of the variable. */
  #physical(call: FunctionCall): Expr {
    const [value, count] = call.args;
    if (value === undefined || call.args.length > 2) throw signature(call, "(value[, rows])");
    const distance = count === undefined ? 1 : constantOffset(count, call);
    const shift = functionName(call) === "PREV" ? -distance : distance;
    let inner = value;
    if (inner.kind === "FunctionCall" && ["FINAL", "RUNNING"].includes(functionName(inner))) {
      if (this.#context.current !== undefined && functionName(inner) === "FINAL")
        throw new SqlError("INVALID_QUERY", "FINAL is only for MEASURES", { span: inner.span });
      this.#isFinal = this.#context.allRows && functionName(inner) === "FINAL";
      inner = inner.args[0]!;
    }
    if (inner.kind === "FunctionCall" && ["FIRST", "LAST"].includes(functionName(inner)))
      return this.#navigation(inner, shift === 0 ? undefined : shift);
    return this.#rowOf(call, value, shift === 0 ? LAST_ROW : { ...LAST_ROW, shift });
  }

  /** The name of the variable that a row was taken for, as a column of it. */
  #classifier(call: FunctionCall): Expr {
    const [argument] = call.args;
    if (call.args.length > 1) throw signature(call, "([variable])");
    if (argument === undefined) return this.#classifierOf(ALL, call.span);
    const { variables, subsets } = this.#context;
    const name = argument.kind === "ColumnRef" && argument.parts.length === 1 ? argument.parts[0]!.name : undefined;
    const variable = [...variables, ...subsets].findIndex((v) => v.name === name);
    if (variable < 0)
      throw new SqlError("INVALID_QUERY", "CLASSIFIER takes a pattern variable", { span: argument.span });
    return this.#classifierOf(variable, call.span);
  }

  #number(call: FunctionCall): Expr {
    if (call.args.length > 0) throw signature(call, "()");
    return this.#refer({ kind: "number" }, T.bigint(false), call.span);
  }

  /** The variable that all columns are of; several: an error. */
  #oneVariable(bound: Expr, call: FunctionCall): number | undefined {
    const own = [...columnsOf(bound)].filter((index) => index < PENDING_BASE);
    const variables = new Set(own.map((index) => this.#placeOf(index).variable));
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
    const final = this.#takeFinal();
    const env = {
      binding: { ...this.#context.binding, notes: undefined },
      scope: this.#scope(1, false),
      clause: name,
    };
    for (const arg of call.args) refuseInside(arg);
    const bound = bindAggregateCall({ ...call, args: call.args.map(classifierColumn) }, env, true);
    const variables = new Set(bound.args.map((arg) => this.#oneVariable(arg, call)));
    variables.delete(undefined);
    if (variables.size > 1) {
      throw new SqlError("INVALID_QUERY", `Multiple pattern variables in '${name}'`, { span: call.span });
    }
    const variable = bound.args.length === 0 ? ALL : [...variables][0];
    if (variable === undefined) throw planning("No pattern variable specified in aggregate", call.span);
    const ofNames = this.#isOfNames(bound.args, call);
    const args = ofNames
      ? bound.args
      : bound.args.map((arg) => replaceColumns(arg, (c) => this.#inputColumn(this.#placeOf(c.index).input!)));
    const spec: AggregateCallSpec = {
      function: overSum(bound).function,
      args: args.map((arg) => (ofNames ? 0 : this.#context.source.add(arg))),
      argTypes: args.map((arg) => arg.type),
      literals: bound.literals,
      distinct: false,
      result: bound.type,
      name: bound.function,
    };
    const more = { ...final, ...(ofNames ? { ofNames } : {}) };
    return this.#refer({ kind: "aggregate", variable, call: spec, ...more }, bound.type, call.span);
  }

  /** The aggregate is over CLASSIFIER(), and over nothing else. */
  #isOfNames(args: readonly Expr[], call: FunctionCall): boolean {
    const isName = (index: number): boolean => this.#placeOf(index).input === undefined;
    if (!args.some((arg) => [...columnsOf(arg)].some(isName))) return false;
    if (args.every((arg) => arg.kind === "literal" || (arg.kind === "column" && isName(arg.index)))) return true;
    throw new SqlError("UNSUPPORTED", "An aggregate over CLASSIFIER() and something else is not supported", {
      span: call.span,
      hint: "CLASSIFIER() alone may stand in an aggregate: LISTAGG(CLASSIFIER(), ',')",
    });
  }

  #rowtime(call: FunctionCall): Expr {
    const { source, time } = this.#context;
    const [argument] = call.args;
    let type: DataType = { kind: "TIMESTAMP", precision: 3, nullable: false, timeAttribute: "rowtime" };
    if (argument !== undefined) {
      const bound = argument.kind === "ColumnRef" ? resolveColumn(this.#scope(1, false), argument.parts) : undefined;
      const input = bound?.kind === "column" ? this.#placeOf(bound.index).input : undefined;
      const field = input === undefined ? undefined : source.fields[input];
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
    if (call.args.length > 0) throw signature(call, "()");
    const type: DataType = { kind: "TIMESTAMP_LTZ", precision: 3, nullable: false, timeAttribute: "proctime" };
    return { kind: "call", function: "PROCTIME", args: [], type, span: call.span };
  }
}

/** In an aggregate CLASSIFIER stands alone, and MATCH_NUMBER not at all. */
function refuseInside(argument: Expression): void {
  walk(argument, (node) => {
    const part = node as Expression;
    if (part.kind !== "FunctionCall" || (part === argument && functionName(part) === "CLASSIFIER")) return;
    const name = functionName(part);
    if (name !== "CLASSIFIER" && name !== "MATCH_NUMBER") return;
    throw new SqlError("UNSUPPORTED", `${name} in an expression of an aggregate is not supported`, {
      span: part.span,
      hint: "CLASSIFIER() alone may stand in an aggregate: LISTAGG(CLASSIFIER(), ',')",
    });
  });
}

/** CLASSIFIER of an aggregate's argument as the column of its rows that it is. */
function classifierColumn(node: Expression): Expression {
  if (node.kind !== "FunctionCall" || functionName(node) !== "CLASSIFIER" || node.args.length > 1) return node;
  const [variable] = node.args;
  const name: Identifier = { kind: "Identifier", name: CLASSIFIER, quoted: true, span: node.span };
  const parts = variable?.kind === "ColumnRef" ? [...variable.parts, name] : [name];
  return { kind: "ColumnRef", parts, span: node.span };
}

const NAVIGATION: ReadonlySet<string> = new Set(["FIRST", "LAST", "PREV", "NEXT"]);

function planning(message: string, span: Span, hint?: string): SqlError {
  return new SqlError("PLANNING", message, { span, hint });
}

/** `takes`: how the function is called. */
function signature(call: FunctionCall, takes: string): SqlError {
  const name = functionName(call);
  return new SqlError("FUNCTION_NOT_FOUND", `No match found for function signature ${name} with these arguments`, {
    span: call.span,
    hint: `${name}${takes}`,
  });
}

function constantOffset(node: Expression, call: FunctionCall): number {
  const value = node.kind === "Literal" && node.type === "number" && /^\d+$/.test(node.text) ? Number(node.text) : -1;
  if (value >= 0 && value <= 2147483647) return value;
  throw new SqlError("INVALID_QUERY", `The second argument of ${functionName(call)} must be a number of rows`, {
    span: node.span,
  });
}
