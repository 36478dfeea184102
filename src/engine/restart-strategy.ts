import { parseDurationMillis } from "../base/duration.ts";
import { SqlError } from "../base/errors.ts";

/** Decides, failure by failure, whether and after how long a job restarts. Made anew for each job. */
export interface RestartStrategy {
  /** Millis to wait before the restart after a failure at `nowMillis`; undefined: the job fails. */
  delayAfterFailure(nowMillis: number): number | undefined;
}

const NO_RESTART: RestartStrategy = { delayAfterFailure: () => undefined };

/**
 * The strategy of `restart-strategy.*`, with Flink's defaults: none without checkpoints, exponential-delay with them.
 * `random` (in [0, 1)) spreads the delays. Throws OPTION_INVALID.
 */
export function restartStrategy(
  values: ReadonlyMap<string, string>,
  checkpointing: boolean,
  random: () => number,
): RestartStrategy {
  const type =
    values.get("restart-strategy.type")?.trim().toLowerCase().replaceAll("-", "") ??
    (checkpointing ? "exponentialdelay" : "none");
  const read = new Options(values);
  switch (type) {
    case "none":
    case "off":
    case "disable":
      return NO_RESTART;
    case "fixeddelay":
      return fixedDelay(
        read.integer("restart-strategy.fixed-delay.attempts", 1),
        read.millis("restart-strategy.fixed-delay.delay", 1000),
      );
    case "failurerate":
      return failureRate(
        read.integer("restart-strategy.failure-rate.max-failures-per-interval", 1),
        read.millis("restart-strategy.failure-rate.failure-rate-interval", 60_000),
        read.millis("restart-strategy.failure-rate.delay", 1000),
      );
    case "exponentialdelay":
      return exponentialDelay(
        {
          initialMillis: read.millis("restart-strategy.exponential-delay.initial-backoff", 1000),
          maxMillis: read.millis("restart-strategy.exponential-delay.max-backoff", 60_000),
          multiplier: read.number("restart-strategy.exponential-delay.backoff-multiplier", 1.5),
          resetMillis: read.millis("restart-strategy.exponential-delay.reset-backoff-threshold", 3_600_000),
          jitter: read.number("restart-strategy.exponential-delay.jitter-factor", 0.1),
          attempts: read.attempts("restart-strategy.exponential-delay.attempts-before-reset-backoff"),
        },
        random,
      );
    default:
      throw new SqlError(
        "OPTION_INVALID",
        `'restart-strategy.type' is none, fixed-delay, failure-rate or exponential-delay, not '${values.get("restart-strategy.type") ?? ""}'`,
      );
  }
}

function fixedDelay(attempts: number, delayMillis: number): RestartStrategy {
  let failures = 0;
  return { delayAfterFailure: () => (++failures > attempts ? undefined : delayMillis) };
}

/** More than `maxFailures` within the interval fail the job. */
function failureRate(maxFailures: number, intervalMillis: number, delayMillis: number): RestartStrategy {
  let times: number[] = [];
  return {
    delayAfterFailure: (nowMillis) => {
      times = [...times.filter((t) => nowMillis - t <= intervalMillis), nowMillis];
      return times.length > maxFailures ? undefined : delayMillis;
    },
  };
}

interface ExponentialOptions {
  readonly initialMillis: number;
  readonly maxMillis: number;
  readonly multiplier: number;
  /** A job that ran so long without a failure starts again at the initial delay. */
  readonly resetMillis: number;
  readonly jitter: number;
  readonly attempts: number;
}

function exponentialDelay(options: ExponentialOptions, random: () => number): RestartStrategy {
  checkExponential(options);
  /** What was waited for after the last failure, before jitter. */
  let backoffMillis = options.initialMillis;
  let lastMillis = -Infinity;
  let failures = 0;
  return {
    delayAfterFailure: (nowMillis) => {
      if (nowMillis - lastMillis >= options.resetMillis + backoffMillis) {
        backoffMillis = options.initialMillis;
        failures = 0;
      } else backoffMillis = Math.min(options.maxMillis, backoffMillis * options.multiplier);
      lastMillis = nowMillis;
      if (++failures > options.attempts) return undefined;
      const spread = backoffMillis * options.jitter * (2 * random() - 1);
      return Math.round(Math.min(options.maxMillis, backoffMillis + spread));
    },
  };
}

/** Flink's bounds. */
function checkExponential({ initialMillis, maxMillis, multiplier, resetMillis, jitter }: ExponentialOptions): void {
  const check = (holds: boolean, name: string, what: string): void => {
    if (!holds) throw new SqlError("OPTION_INVALID", `'restart-strategy.exponential-delay.${name}' is ${what}`);
  };
  check(initialMillis >= 1, "initial-backoff", "at least 1 ms");
  check(initialMillis <= maxMillis, "initial-backoff", `at most 'max-backoff' (${maxMillis} ms)`);
  check(multiplier > 1, "backoff-multiplier", "greater than 1");
  check(resetMillis >= 1, "reset-backoff-threshold", "at least 1 ms");
  check(jitter <= 1, "jitter-factor", "between 0 and 1");
}

/** Typed access to `restart-strategy.*`. */
class Options {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  millis(key: string, fallback: number): number {
    const text = this.#values.get(key);
    return text === undefined ? fallback : this.#checked(key, text, parseDurationMillis(text));
  }

  integer(key: string, fallback: number): number {
    const value = this.number(key, fallback);
    return this.#checked(key, String(value), Number.isInteger(value) ? value : undefined);
  }

  number(key: string, fallback: number): number {
    const text = this.#values.get(key);
    if (text === undefined) return fallback;
    return this.#checked(key, text, Number(text));
  }

  attempts(key: string): number {
    const text = this.#values.get(key)?.trim().toLowerCase();
    return text === undefined || text === "infinite" ? Infinity : this.integer(key, 0);
  }

  #checked(key: string, text: string, value: number | undefined): number {
    if (value !== undefined && Number.isFinite(value) && value >= 0) return value;
    throw new SqlError("OPTION_INVALID", `'${key}' does not take '${text}'`);
  }
}
