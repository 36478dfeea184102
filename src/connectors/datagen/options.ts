import { SqlError } from "../../base/errors.ts";
import { invalidOption, OptionReader } from "../../base/options.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import type { ConnectorOption } from "../api.ts";

/** Options of datagen, as in Flink. */
export const DATAGEN_OPTIONS: readonly ConnectorOption[] = [
  { name: "rows-per-second", type: "int", default: "10000", summary: "Rows per second." },
  {
    name: "number-of-rows",
    type: "int",
    summary: "Rows in all; without it (and without a sequence) the table is unbounded.",
  },
  {
    name: "fields.#.kind",
    type: ["random", "sequence"],
    default: "random",
    summary: "How values of the column are made.",
  },
  { name: "fields.#.min", type: "string", summary: "Least random value; by default the least of the type." },
  { name: "fields.#.max", type: "string", summary: "Greatest random value; by default the greatest of the type." },
  {
    name: "fields.#.max-past",
    type: "duration",
    default: "0 s",
    summary: "How far random timestamps lie in the past.",
  },
  { name: "fields.#.length", type: "int", summary: "Length of texts and bytes (100), or of collections (3)." },
  {
    name: "fields.#.var-len",
    type: "boolean",
    default: "false",
    summary: "Texts and bytes have any length up to `length`.",
  },
  { name: "fields.#.start", type: "int", summary: "First value of a sequence." },
  { name: "fields.#.end", type: "int", summary: "Last value of a sequence; the table ends there." },
  { name: "fields.#.null-rate", type: "string", default: "0", summary: "Share of NULL values, from 0 to 1." },
];

/** The options of one (nested) field, `fields.<path>.…`. */
export class FieldOptions {
  readonly path: string;
  private readonly options: Readonly<Record<string, string>>;
  private readonly reader: OptionReader;

  constructor(path: string, options: Readonly<Record<string, string>>) {
    this.path = path;
    this.options = options;
    this.reader = new OptionReader(options, []);
  }

  /** The options of a field inside: `fields.<path>.<name>.…`. */
  inner(name: string): FieldOptions {
    return new FieldOptions(`${this.path}.${name}`, this.options);
  }

  get kind(): string {
    return this.reader.text(this.name("kind"))?.toLowerCase() ?? "random";
  }

  get nullRate(): number {
    const text = this.reader.text(this.name("null-rate")) ?? "0";
    const rate = text.trim() === "" ? Number.NaN : Number(text);
    if (!(rate >= 0 && rate <= 1)) throw invalidOption(this.name("null-rate"), text, "a number from 0 to 1");
    return rate;
  }

  /** A bound: a number. */
  number(option: "min" | "max", otherwise: number): number {
    const text = this.reader.text(this.name(option));
    if (text === undefined) return otherwise;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw invalidOption(this.name(option), text, "a number");
    return value;
  }

  /** A bound or an end of a sequence: an integer of 64 bits. */
  bigint(option: "min" | "max" | "start" | "end", otherwise: bigint | undefined): bigint {
    const text = this.reader.text(this.name(option));
    if (text === undefined) {
      if (otherwise === undefined)
        throw new SqlError("OPTION_MISSING", `option '${this.name(option)}' is missing: a sequence requires it`);
      return otherwise;
    }
    if (!/^\s*[+-]?\d+\s*$/.test(text)) throw invalidOption(this.name(option), text, "an integer");
    return BigInt(text);
  }

  length(otherwise: number): number {
    const length = this.reader.integer(this.name("length")) ?? otherwise;
    if (length < 0) throw invalidOption(this.name("length"), String(length), "a number of at least 0");
    return length;
  }

  get variableLength(): boolean {
    return this.reader.boolean(this.name("var-len")) ?? false;
  }

  get maxPastMillis(): number {
    return this.reader.millis(this.name("max-past")) ?? 0;
  }

  /** Throws OPTION_INVALID for options that say nothing about this kind of column. */
  allow(type: DataType, names: readonly string[]): void {
    for (const { name } of DATAGEN_OPTIONS) {
      if (!name.startsWith("fields.#.")) continue;
      const option = name.slice("fields.#.".length);
      const full = this.name(option);
      if (this.options[full] !== undefined && !names.includes(option)) {
        throw new SqlError(
          "OPTION_INVALID",
          `option '${full}' does not apply to a ${this.kind} column of type ${type.kind}`,
          {
            hint: `options of this column: ${names.map((one) => this.name(one)).join(", ")}`,
          },
        );
      }
    }
  }

  private name(option: string): string {
    return `fields.${this.path}.${option}`;
  }
}

/** Rows per second and rows in all (Infinity: unbounded). */
export function rowLimits(
  options: Readonly<Record<string, string>>,
  physical: readonly Field[],
): { perSecond: number; rows: number } {
  const reader = new OptionReader(options, DATAGEN_OPTIONS);
  const perSecond = reader.integer("rows-per-second") ?? 0;
  if (perSecond < 1) throw invalidOption("rows-per-second", String(perSecond), "a number of at least 1");
  let rows = reader.integer("number-of-rows") ?? Number.POSITIVE_INFINITY;
  if (rows < 0) throw invalidOption("number-of-rows", String(rows), "a number of at least 0");
  for (const { name } of physical) {
    const field = new FieldOptions(name, options);
    if (field.kind !== "sequence") continue;
    const length = field.bigint("end", undefined) - field.bigint("start", undefined) + 1n;
    if (length <= 0n)
      throw invalidOption(`fields.${name}.end`, options[`fields.${name}.end`] ?? "", "a number of at least the start");
    rows = Math.min(rows, Number(length));
  }
  return { perSecond, rows };
}
