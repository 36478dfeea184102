import { SqlError } from "../../base/errors.ts";
import type { Expression } from "../../parser/index.ts";
import type { AsOf, Join } from "../logical/algebra.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import type { Binding } from "./context.ts";
import { bindExpression } from "./expression.ts";
import type { FromResult } from "./from.ts";
import { lookupHint } from "./join-hints.ts";

/** `FOR SYSTEM_TIME AS OF o.ts` of the right side of a join. Throws INVALID_QUERY where Flink does. */
export function bindAsOf(
  time: Expression,
  type: Join["type"],
  left: FromResult,
  right: FromResult,
  binding: Binding,
): AsOf {
  const { span } = time;
  if (type !== "inner" && type !== "left") {
    throw new SqlError("INVALID_QUERY", "A join with FOR SYSTEM_TIME AS OF is an INNER JOIN or a LEFT JOIN", { span });
  }
  const column = bindExpression(time, { binding, scope: left.scope, clause: "FOR SYSTEM_TIME AS OF" });
  const attribute = column.kind === "column" ? timeAttributeOf(column.type) : undefined;
  if (column.kind !== "column" || attribute === undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's time attribute field",
      { span, hint: "an event time has a WATERMARK; for the present moment use a column PROCTIME() of the left side" },
    );
  }
  if (attribute === "proctime") return { kind: "proctime", span, hint: lookupHint(binding.hints ?? [], right.scope) };
  const rightTime = right.plan.schema.fields.findIndex((field) => timeAttributeOf(field.type) === "rowtime");
  if (rightTime < 0) {
    throw new SqlError(
      "INVALID_QUERY",
      "Event-Time Temporal Table Join requires both primary key and row time attribute in versioned table, but no row time attribute can be found.",
      { span, hint: "declare WATERMARK FOR the time from which a row of that table is valid" },
    );
  }
  return { kind: "rowtime", leftTime: column.index, rightTime, span };
}
