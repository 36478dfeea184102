import { SqlError } from "../../base/errors.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Adapted } from "../../parser/index.ts";
import { isFloating, isInteger, T, type DataType } from "../../types/data-type.ts";
import { bindCall, explicitCast } from "./call.ts";
import type { Environment } from "./context.ts";

/** A number of a query in another dialect, now that its type is known, with the meaning that it has there. Throws UNSUPPORTED. */
export function adaptNumber(node: Adapted, value: Expr, env: Environment): Expr {
  const { type } = value;
  const cast = (target: DataType): Expr => explicitCast(value, target, false, node.span);
  switch (node.rule) {
    case "average":
    case "dividend":
      return isInteger(type) ? cast(T.double(type.nullable)) : value;
    case "sum":
      return isInteger(type) && type.kind !== "BIGINT" ? cast(T.bigint(type.nullable)) : value;
    case "rounded":
    case "rounded-exact":
    case "exact": {
      if (isFloating(type) && node.rule !== "rounded")
        throw new SqlError(
          "UNSUPPORTED",
          `rounding of ${type.kind} is not supported in the dialect ${node.dialect}, which rounds it half to even`,
          { span: node.span, hint: "use FLOOR or CEIL, or cast to DECIMAL(20, 6) first" },
        );
      if (node.rule === "exact") return value;
      const hasFraction = isFloating(type) || (type.kind === "DECIMAL" && type.scale > 0);
      return hasFraction ? bindCall(env.binding, "ROUND", [value], node.span) : value;
    }
  }
}
