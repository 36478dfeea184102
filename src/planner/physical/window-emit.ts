import { SqlError } from "../../base/errors.ts";
import type { WindowAggregate } from "../logical/algebra.ts";
import type { PlanContext } from "./context.ts";
import { durationOption } from "./options.ts";

const EARLY = "table.exec.emit.early-fire";
const LATE = "table.exec.emit.late-fire";
const LATENESS = "table.exec.emit.allow-lateness";

/**
 * `table.exec.emit.*`: results of group windows before and after their end. Throws PLANNING where Flink has none, and
 * UNSUPPORTED where it does: no window is executed as if the options were not set.
 */
export function checkEmit({ options }: PlanContext, plan: WindowAggregate): void {
  const enabled = (name: string): boolean => options.get(`${name}.enabled`)?.trim().toLowerCase() === "true";
  const [early, late] = [enabled(EARLY), enabled(LATE)];
  if (!early && !late) return;
  if (plan.group !== true) {
    throw new SqlError(
      "PLANNING",
      `Windows of table functions have no early and late results: '${EARLY}.enabled' and '${LATE}.enabled' are for GROUP BY TUMBLE(ts, …)`,
    );
  }
  if (plan.window.type === "session") throw new SqlError("PLANNING", "A session window has no early and late results.");
  for (const [on, name] of [
    [early, EARLY],
    [late, LATE],
  ] as const) {
    if (on && !options.has(`${name}.delay`)) {
      throw new SqlError("PLANNING", `'${name}.enabled' needs '${name}.delay'`, {
        hint: `SET '${name}.delay' = '0 ms' gives a result with each row`,
      });
    }
  }
  const lateness = durationOption(options, LATENESS, durationOption(options, "table.exec.state.ttl", 0));
  if (late && lateness <= 0) {
    throw new SqlError("PLANNING", `'${LATE}.enabled' needs '${LATENESS}' or 'table.exec.state.ttl'`, {
      hint: "they say how long the state of a window is kept for late rows",
    });
  }
  throw new SqlError(
    "UNSUPPORTED",
    `results of a window before or after its end ('${early ? EARLY : LATE}.enabled') are not supported yet`,
    {
      hint: "GROUP BY FLOOR(ts TO MINUTE) updates its result with each row",
    },
  );
}
