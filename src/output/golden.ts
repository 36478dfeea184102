import { ERRORS } from "../base/errors.ts";
import type { SqlError } from "../base/errors.ts";
import { CollectedChanges } from "../batch/collected-changes.ts";
import { withoutTimeAttribute } from "../types/data-type.ts";
import type { Field, Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { textOf } from "../types/value-text.ts";
import { MaterializedRows, compareCodePoints } from "./materialized-rows.ts";

/** Collects the outcome of a script in the form of golden files: one block a statement, divided by `---`. */
export class GoldenWriter {
  readonly #blocks: string[] = [];
  readonly #finalOnly: boolean;

  /** `finalOnly`: the script's header says `compare: final`, so queries show only the rows that are left. */
  constructor(finalOnly: boolean) {
    this.#finalOnly = finalOnly;
  }

  /** The blocks so far as one text. */
  text(): string {
    return this.#blocks.length === 0 ? "" : `${this.#blocks.join("\n---\n")}\n`;
  }

  /** A query's changes; call `end` when its job has ended. */
  query(fields: readonly Field[], zone: string): CollectedChanges & { end(): void } {
    const types = fields.map((f) => f.type);
    const texts = types.map((type) => textOf(type, zone));
    const lines: string[] = [];
    const rows = new MaterializedRows();
    const collected = new CollectedChanges(types, ({ kind, row }) => {
      const text = rowText(row, texts);
      lines.push(kind + text);
      rows.apply(kind, text);
    });
    const end = (): void => {
      const changes = this.#finalOnly ? [] : ["changelog", ...lines];
      this.#blocks.push(
        [...changes, "final", ...rows.rows().sort(compareCodePoints), ...columnLines(fields)].join("\n"),
      );
    };
    return Object.assign(collected, { end });
  }

  /** DESCRIBE, SHOW. */
  rows(fields: readonly Field[], rows: readonly (readonly Value[])[], zone: string): void {
    const texts = fields.map((f) => textOf(f.type, zone));
    this.#blocks.push(["rows", ...rows.map((row) => rowText(row, texts)), ...columnLines(fields)].join("\n"));
  }

  /** What print sinks wrote during one statement. */
  print(text: string): void {
    if (text === "") return;
    this.#blocks.push(["print", ...text.replace(/\n$/, "").split("\n")].join("\n"));
  }

  error(error: SqlError): void {
    this.#blocks.push(
      [`error ${ERRORS[error.code].phase}`, `reason ${error.code}: ${error.message.replaceAll("\n", "\\n")}`].join(
        "\n",
      ),
    );
  }
}

function rowText(row: readonly Value[], texts: readonly ((value: Value) => string)[]): string {
  return `[${row.map((value, i) => texts[i]!(value).replaceAll("\n", "\\n")).join(", ")}]`;
}

function columnLines(fields: readonly Field[]): string[] {
  return ["columns", ...fields.map((f) => `${f.name} ${columnType(f)}`)];
}

/** As the cases write it: an interval shows only its family. */
function columnType(field: Field): string {
  const text = typeText(withoutTimeAttribute(field.type), { withNullability: true });
  return text.replaceAll("INTERVAL SECOND(3)", "INTERVAL SECOND");
}
