import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { FormatOption } from "./api.ts";

/** Values of a format's options, checked against their declarations. */
export interface FormatOptions {
  string(name: string): string | undefined;
  boolean(name: string): boolean;
  /** One character; Java escapes such as `\t` are understood. */
  char(name: string): string | undefined;
}

/**
 * Reads the options of a format (names without the prefix). Throws OPTION_UNKNOWN for names that are not declared and
 * OPTION_INVALID for values that do not fit.
 */
export function readOptions(
  format: string,
  declared: readonly FormatOption[],
  given: Readonly<Record<string, string>>,
): FormatOptions {
  const byName = new Map(declared.map((option) => [option.name, option]));
  for (const name of Object.keys(given)) {
    const option = byName.get(name) ?? declared.find((one) => matchesPattern(one.name, name));
    if (option === undefined) {
      const hint = didYouMean(name, byName.keys());
      throw new SqlError("OPTION_UNKNOWN", `format '${format}' has no option '${format}.${name}'`, { hint });
    }
    checkValue(format, option, given[name]!);
  }
  const text = (name: string): string | undefined => given[name] ?? byName.get(name)?.default;
  return {
    string: text,
    boolean: (name) => text(name)?.toLowerCase() === "true",
    char: (name) => {
      const value = text(name);
      return value === undefined ? undefined : unescapeJava(value);
    },
  };
}

/** A `*` at the end of a declared name stands for any rest. */
function matchesPattern(declared: string, name: string): boolean {
  return declared.endsWith("*") && name.startsWith(declared.slice(0, -1));
}

function checkValue(format: string, option: FormatOption, value: string): void {
  const name = `${format}.${option.name}`;
  if (option.type === "boolean") {
    if (/^(true|false)$/i.test(value)) return;
    throw new SqlError("OPTION_INVALID", `option '${name}' must be 'true' or 'false', but is '${value}'`);
  }
  if (option.type === "char") {
    if ([...unescapeJava(value)].length === 1) return;
    throw new SqlError("OPTION_INVALID", `option '${name}' must be one character, but is '${value}'`);
  }
  if (typeof option.type === "object" && !option.type.includes(value)) {
    const hint = didYouMean(value, option.type) ?? `one of ${option.type.join(", ")}`;
    throw new SqlError("OPTION_INVALID", `option '${name}' cannot be '${value}'`, { hint });
  }
}

const JAVA_ESCAPES: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };

/** Resolves Java's string escapes (`\t`, `\u0001`, `\\`, octal). */
function unescapeJava(text: string): string {
  return text.replace(
    /\\(?:u+([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|(.))/gs,
    (_, hex?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return JAVA_ESCAPES[other ?? ""] ?? other ?? "";
    },
  );
}
