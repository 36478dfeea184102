import { dependsOnSum } from "../../functions/aggregate/avg.ts";
import type { AggregateCall } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";

const DEVIATIONS: ReadonlySet<string> = new Set(["STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP"]);

/** AVG as SUM(x) / COUNT(x), whose sum wraps. */
export function overSum<T extends Pick<AggregateCall, "function" | "args">>(call: T): T {
  const [arg] = call.args;
  return call.function === "AVG" && arg !== undefined && dependsOnSum(arg.type) ? { ...call, function: "$AVG" } : call;
}

/**
 * The averages of one aggregate as Flink computes them: from sums of their own that do not wrap, unless its plan takes
 * AVG, SUM and the variances apart into sums and numbers of values. It does so for variances, and where fewer aggregates
 * are left then: `AVG(x), SUM(x), COUNT(x)` are two.
 */
export function settleAverages(calls: readonly AggregateCall[]): readonly AggregateCall[] {
  const settled = calls.map(overSum);
  if (settled.every((call, i) => call === calls[i])) return calls;
  const whole = new Set<string>();
  const parts = new Set<string>();
  for (const call of calls) {
    const { args, distinct, filter } = call;
    const key = (name: string, of: AggregateCall["args"]): string => digest([name, of, distinct, filter]);
    const count = (): string => key("COUNT", !distinct && args.every((arg) => !arg.type.nullable) ? [] : args);
    const own = call.function === "COUNT" ? count() : key(call.function, args);
    whole.add(own);
    if (DEVIATIONS.has(call.function)) return settled;
    if (call.function === "AVG") parts.add(key("SUM", args)).add(count());
    else if (call.function === "SUM" && call.type.nullable) parts.add(own).add(count());
    else parts.add(own);
  }
  return parts.size < whole.size ? settled : calls;
}
