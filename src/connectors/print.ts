import { OptionReader } from "../base/options.ts";
import { reader } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { ROW_KIND_TEXT } from "../batch/row-kind.ts";
import { printTextOf } from "../types/value-text.ts";
import type { Connector, ConnectorOption, Sink } from "./api.ts";
import { validateDeclared } from "./validate.ts";

const OPTIONS: readonly ConnectorOption[] = [
  { name: "print-identifier", type: "string", summary: "Text in front of each line: `out> +I[…]`." },
  {
    name: "standard-error",
    type: "boolean",
    default: "false",
    summary: "Prints to standard error instead of standard output.",
  },
];

/** Prints every change as a line, `+I[a, 1]`. */
export const print: Connector = {
  name: "print",
  options: OPTIONS,
  metadata: [],
  sinkMode: "all",
  validate: (request, context) => validateDeclared(print, request, context),
  sink(request, context): Sink {
    const options = new OptionReader(request.options, OPTIONS);
    const identifier = options.text("print-identifier") ?? "";
    const prefix = identifier === "" ? "" : `${identifier}> `;
    const textOf = request.physical.map(({ type }) => printTextOf(type));
    const types = request.physical.map(({ type }) => type);
    const put = (text: string): void | Promise<void> => {
      if (options.boolean("standard-error") === true) return context.stderr(text);
      const waits = context.stdout(text);
      if (waits instanceof Promise) return waits.then(() => undefined);
    };
    const lines = (batch: RecordBatch): string => {
      const readers = batch.columns.map((column, i) => reader(column, types[i]!));
      let text = "";
      for (let row = 0; row < batch.rowCount; row++) {
        const values = readers.map((read, i) => textOf[i]!(read(row)));
        text += `${prefix}${ROW_KIND_TEXT[batch.kinds?.[row] ?? 0]}[${values.join(", ")}]\n`;
      }
      return text;
    };
    return {
      guarantee: "at-least-once",
      openWriter: () => ({
        write: (batch) => (batch.rowCount > 0 ? put(lines(batch)) : undefined),
        prepareCommit: () => ({ committables: [], state: null }),
        close: () => undefined,
      }),
    };
  },
};
