import type { Value } from "../types/data-type.ts";
import { literal, type CallExpr, type Expr, type LiteralExpr } from "./expr.ts";
import type { SessionFacts } from "./function-types.ts";
import { interpret } from "./interpreter.ts";
import type { FunctionLookup } from "./lookup.ts";
import { mapExpr } from "./walk.ts";

export interface FoldOptions {
  /** Also evaluate what is fixed for one job (`stability: "statement"`); only when the job starts. */
  readonly statement?: boolean | undefined;
}

/**
 * Simplifies an expression without changing its meaning: pure calls of literals become literals, decided AND, OR,
 * CASE, IF and COALESCE lose what cannot be reached. A call that fails is left as it is, to fail when it runs.
 */
export function foldExpr(expr: Expr, lookup: FunctionLookup, session: SessionFacts, options: FoldOptions = {}): Expr {
  return mapExpr(expr, (node) => {
    if (node.kind !== "call") return node;
    switch (node.function) {
      case "AND":
        return foldLogic(node, false);
      case "OR":
        return foldLogic(node, true);
      case "CASE":
      case "IF":
        return foldCase(node);
      case "COALESCE":
      case "IFNULL":
        return foldCoalesce(node);
      default:
        return foldCall(node, lookup, session, options);
    }
  });
}

function isLiteral(expr: Expr | undefined, value: Value): boolean {
  return expr?.kind === "literal" && expr.value === value;
}

/** AND (`decisive` = false), OR (`decisive` = true). */
function foldLogic(call: CallExpr, decisive: boolean): Expr {
  const args: Expr[] = [];
  for (const arg of call.args) {
    if (isLiteral(arg, decisive)) return literal(decisive, call.type, call.span);
    if (!isLiteral(arg, !decisive)) args.push(arg);
  }
  if (args.length === 0) return literal(!decisive, call.type, call.span);
  if (args.length === 1) return args[0]!;
  if (args.every((arg) => isLiteral(arg, null))) return literal(null, call.type, call.span);
  return args.length === call.args.length ? call : { ...call, args };
}

/** Arguments: condition, result, condition, result …, otherwise. */
function foldCase(call: CallExpr): Expr {
  const args: Expr[] = [];
  let otherwise: Expr | undefined = call.args.length % 2 === 1 ? call.args[call.args.length - 1] : undefined;
  for (let i = 0; i + 1 < call.args.length; i += 2) {
    const condition = call.args[i]!;
    if (isLiteral(condition, true)) {
      otherwise = call.args[i + 1]!;
      break;
    }
    if (condition.kind !== "literal") args.push(condition, call.args[i + 1]!);
  }
  if (args.length === 0)
    return otherwise === undefined ? literal(null, call.type, call.span) : retyped(otherwise, call);
  if (otherwise !== undefined) args.push(otherwise);
  return args.length === call.args.length ? call : { ...call, args };
}

/** A literal takes the type of the call it replaces, so that its column has the declared storage. */
function retyped(expr: Expr, call: CallExpr): Expr {
  return expr.kind === "literal" ? { ...expr, type: call.type } : expr;
}

function foldCoalesce(call: CallExpr): Expr {
  const args: Expr[] = [];
  for (const arg of call.args) {
    if (isLiteral(arg, null)) continue;
    args.push(arg);
    if (arg.kind === "literal") break;
  }
  if (args.length === 0) return literal(null, call.type, call.span);
  if (args.length === 1) return retyped(args[0]!, call);
  return args.length === call.args.length ? call : { ...call, args };
}

function foldCall(call: CallExpr, lookup: FunctionLookup, session: SessionFacts, options: FoldOptions): Expr {
  const stability = lookup.scalar(call.function)?.stability;
  if (stability !== "pure" && !(stability === "statement" && options.statement === true)) return call;
  if (!call.args.every((arg): arg is LiteralExpr => arg.kind === "literal")) return call;
  try {
    return literal(
      interpret(call, lookup, session)(() => null),
      call.type,
      call.span,
    );
  } catch {
    return call;
  }
}
