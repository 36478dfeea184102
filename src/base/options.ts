import { parseDurationMillis } from "./duration.ts";
import { SqlError } from "./errors.ts";
import { parseMemoryBytes } from "./memory-size.ts";
import { withoutUrlSecrets } from "./url-secrets.ts";
import { didYouMean } from "./suggest.ts";

/** What values an option takes; a list names the allowed words (upper and lower case are the same). */
export type OptionType = "string" | "boolean" | "int" | "duration" | "memory" | "char" | readonly string[];

/**
 * A declared option. `name` may be a pattern: `#` stands for a column name (`fields.#.kind`), a `*` at the end for any
 * rest (`properties.*`).
 */
export interface OptionDeclaration {
  readonly name: string;
  readonly summary: string;
  readonly type: OptionType;
  readonly required?: boolean | undefined;
  readonly default?: string | undefined;
  /** The least that an integer may be. */
  readonly minimum?: number | undefined;
}

export type OptionValues = Readonly<Record<string, string>>;

/**
 * Checks the options against their declarations. `owner` is named in messages (`connector 'datagen'`); `columns`
 * replace `#`. Throws OPTION_UNKNOWN (with the supported list), OPTION_MISSING or OPTION_INVALID.
 */
export function validateOptions(
  options: OptionValues,
  declared: readonly OptionDeclaration[],
  owner: string,
  columns: readonly string[] = [],
): void {
  const known = expandColumns(declared, columns);
  for (const [name, value] of Object.entries(options)) {
    const declaration = find(known, name);
    if (declaration === undefined) throw unknownOption(name, known, owner);
    checkValue(name, value, declaration);
  }
  for (const { name, required } of known) {
    if (required === true && options[name] === undefined) {
      throw new SqlError("OPTION_MISSING", `option '${name}' is missing: ${owner} requires it`);
    }
  }
}

function expandColumns(declared: readonly OptionDeclaration[], columns: readonly string[]): OptionDeclaration[] {
  return declared.flatMap((option) =>
    option.name.includes("#")
      ? columns.map((column) => ({ ...option, name: option.name.replace("#", column) }))
      : [option],
  );
}

function find(declared: readonly OptionDeclaration[], name: string): OptionDeclaration | undefined {
  return declared.find(
    (option) => option.name === name || (option.name.endsWith("*") && name.startsWith(option.name.slice(0, -1))),
  );
}

function unknownOption(name: string, known: readonly OptionDeclaration[], owner: string): SqlError {
  const names = known.map((option) => option.name).sort();
  return new SqlError(
    "OPTION_UNKNOWN",
    `unknown option '${name}' for ${owner}; supported options: ${names.join(", ")}`,
    {
      hint: didYouMean(name, names),
    },
  );
}

function checkValue(name: string, value: string, { type, minimum = -Infinity }: OptionDeclaration): void {
  if (typeof type !== "string") word(name, value, type);
  else if (type === "boolean") boolean(name, value);
  else if (type === "int") {
    if (integer(name, value) < minimum) throw invalidOption(name, value, `a number from ${minimum}`);
  } else if (type === "duration") duration(name, value);
  else if (type === "memory") memory(name, value);
  else if (type === "char" && [...value].length !== 1 && value !== "\\t")
    throw invalidOption(name, value, "one character");
}

/** The error for a value that an option does not take; `expected` completes "expected …". */
export function invalidOption(name: string, value: string, expected: string, hint?: string): SqlError {
  const shown = /password|secret|token|encryption/i.test(name) ? "******" : `'${withoutUrlSecrets(value)}'`;
  return new SqlError("OPTION_INVALID", `invalid value ${shown} for option '${name}': expected ${expected}`, { hint });
}

function word(name: string, value: string, words: readonly string[]): string {
  const found = words.find((candidate) => candidate.toLowerCase() === value.trim().toLowerCase());
  if (found === undefined) throw invalidOption(name, value, `one of ${words.join(", ")}`, didYouMean(value, words));
  return found;
}

function boolean(name: string, value: string): boolean {
  return word(name, value, ["true", "false"]) === "true";
}

function integer(name: string, value: string): number {
  const parsed = /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(parsed)) throw invalidOption(name, value, "an integer");
  return parsed;
}

function duration(name: string, value: string): number {
  const millis = parseDurationMillis(value);
  if (millis === undefined) throw invalidOption(name, value, "a duration such as '5 s', '1 min' or '500 ms'");
  return millis;
}

function memory(name: string, value: string): number {
  const bytes = parseMemoryBytes(value);
  if (bytes === undefined) throw invalidOption(name, value, "a memory size such as '128MB' or '64 kb'");
  return bytes;
}

/** Typed access to options, with the declared defaults filled in. Wrong values throw OPTION_INVALID. */
export class OptionReader {
  private readonly values: OptionValues;
  private readonly declared: readonly OptionDeclaration[];

  constructor(values: OptionValues, declared: readonly OptionDeclaration[]) {
    this.values = values;
    this.declared = declared;
  }

  /** The text, or the declared default, or undefined. */
  text(name: string): string | undefined {
    return this.values[name] ?? this.declared.find((option) => option.name === name)?.default;
  }

  /** The text of an option that must be there; throws OPTION_MISSING. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new SqlError("OPTION_MISSING", `option '${name}' is missing`);
    return value;
  }

  /** One of the declared words, spelled as declared. */
  word(name: string): string | undefined {
    const value = this.text(name);
    const type = this.declared.find((option) => option.name === name)?.type;
    return value === undefined || type === undefined || typeof type === "string" ? value : word(name, value, type);
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : boolean(name, value);
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : integer(name, value);
  }

  millis(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : duration(name, value);
  }

  bytes(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : memory(name, value);
  }
}

/** The options whose names start with `prefix`, without it. */
export function optionsWithPrefix(options: OptionValues, prefix: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(options))
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = value;
  return found;
}
