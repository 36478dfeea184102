import { SqlError } from "../../base/errors.ts";
import { parseDurationMillis } from "../../base/duration.ts";

/** A duration option in millis; `fallback` when it is not set. */
export function durationOption(options: ReadonlyMap<string, string>, key: string, fallbackMillis: number): number {
  const text = options.get(key);
  if (text === undefined) return fallbackMillis;
  const millis = parseDurationMillis(text);
  if (millis === undefined)
    throw new SqlError("OPTION_INVALID", `'${key}' is a duration such as '200 ms' or '1 h', not '${text}'`);
  return millis;
}

/** One of a few words, case-insensitive, `_` as good as `-`; `fallback` when it is not set. */
export function choiceOption<C extends string>(
  options: ReadonlyMap<string, string>,
  key: string,
  choices: readonly C[],
  fallback: C,
): C {
  const text = options.get(key)?.trim().toLowerCase().replaceAll("_", "-");
  if (text === undefined) return fallback;
  const choice = choices.find((c) => c === text);
  if (choice === undefined)
    throw new SqlError("OPTION_INVALID", `'${key}' is one of ${choices.join(", ")}, not '${text}'`);
  return choice;
}
