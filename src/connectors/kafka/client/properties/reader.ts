import { SqlError } from "../../../../base/errors.ts";
import { invalidOption } from "../../../../base/options.ts";

/** Typed reading of properties, whose names in messages are those of the table's options. */
export class PropertyReader {
  private readonly values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.values = values;
  }

  text(name: string): string | undefined {
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined;
  }

  required(name: string, why: string): string {
    const value = this.text(name);
    if (value !== undefined && value.trim() !== "") return value;
    throw new SqlError("OPTION_MISSING", `option 'properties.${name}' is missing: ${why}`);
  }

  /** One of the words, in any case. */
  word(name: string, words: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word.toLowerCase() === value.trim().toLowerCase());
    if (found === undefined) throw invalidOption(`properties.${name}`, value, `one of ${words.join(", ")}`);
    return found;
  }

  number(name: string, fallback: number, least = 0): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const parsed = /^\s*\d+\s*$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(parsed) || parsed < least || parsed > MAX_INT) {
      throw invalidOption(`properties.${name}`, value, `a whole number from ${least} to ${MAX_INT}`);
    }
    return parsed;
  }
}

const MAX_INT = 2_147_483_647;
