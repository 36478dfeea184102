import { SqlError } from "../../base/errors.ts";
import type { WindowEmit } from "../../runtime/spec.ts";
import type { WindowAggregate } from "../logical/algebra.ts";
import type { PlanContext } from "./context.ts";
import { durationOption } from "./options.ts";

const EARLY = "table.exec.emit.early-fire";
const LATE = "table.exec.emit.late-fire";
const LATENESS = "table.exec.emit.allow-lateness";

/**
 * `table.exec.emit.*`: results of group windows before and after their end; undefined: there are none. Throws PLANNING for
 * windows that have none in Flink either.
 */
export function windowEmit(
  { options }: PlanContext,
  plan: WindowAggregate,
  processingTime: boolean,
): WindowEmit | undefined {
  const enabled = (name: string): boolean => options.get(`${name}.enabled`)?.trim().toLowerCase() === "true";
  const [early, late] = [enabled(EARLY), enabled(LATE)];
  if (!early && !late) return undefined;
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
  // By the clock no row is late.
  if (processingTime && !early) return undefined;
  const delay = (on: boolean, name: string): number | undefined =>
    on ? durationOption(options, `${name}.delay`, 0) : undefined;
  return {
    earlyMillis: delay(early, EARLY),
    lateMillis: delay(late && !processingTime, LATE),
    latenessMillis: late && !processingTime ? lateness : 0,
  };
}

/** As EXPLAIN shows it. */
export function emitText({ earlyMillis, lateMillis }: WindowEmit): string {
  const parts = [
    ...(earlyMillis === undefined ? [] : [`early delay ${earlyMillis} millisecond`]),
    ...(lateMillis === undefined ? [] : [`late delay ${lateMillis} millisecond`]),
  ];
  return `, emit=[${parts.join(", ")}]`;
}
