import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { ROW_KIND_TEXT } from "../../batch/row-kind.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import { decodeUtf8, encodeUtf8 } from "../../batch/utf8.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { FromChangelogSpec, ToChangelogSpec } from "../spec.ts";
import { emitBatch, emitSteps, kindsOf } from "./emit.ts";

/** Changes as inserts, with the code of their kind in one more column; kinds without a code are dropped. */
export const TO_CHANGELOG: OperatorDefinition<ToChangelogSpec> = {
  kind: "to-changelog",
  create({ codes }) {
    const texts = codes.map((code) => encodeUtf8(code ?? ""));
    const data = Buffer.concat(texts);
    const starts = texts.map((_, kind) => texts.slice(0, kind).reduce((sum, text) => sum + text.length, 0));
    return {
      process(_input, batch, out) {
        if (batch.rowCount === 0) return emitSteps(out, batch.steps);
        const kept = codes.includes(null) ? withCodes(batch, codes) : batch;
        const { rowCount, columns, kinds, steps } = kept;
        const code: Column = {
          storage: "bytes",
          starts: Int32Array.from({ length: rowCount }, (_, row) => starts[kinds?.[row] ?? 0]!),
          lengths: Int32Array.from({ length: rowCount }, (_, row) => texts[kinds?.[row] ?? 0]!.length),
          data,
          nulls: undefined,
        };
        emitBatch(out, { rowCount, columns: [...columns, code], kinds: undefined, steps });
      },
    };
  },
};

function withCodes(batch: RecordBatch, codes: ToChangelogSpec["codes"]): RecordBatch {
  const selected = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) if (codes[batch.kinds?.[row] ?? 0] !== null) selected[count++] = row;
  return count === batch.rowCount ? batch : takeBatch(batch, selected, count);
}

/** Rows become changes of the kind that a column says. */
export const FROM_CHANGELOG: OperatorDefinition<FromChangelogSpec> = {
  kind: "from-changelog",
  create(spec, context) {
    const kindOf = new Map(spec.codes);
    return {
      process(_input, batch, out) {
        const { rowCount } = batch;
        if (rowCount === 0) return emitSteps(out, batch.steps);
        const column = batch.columns[spec.column] as Extract<Column, { storage: "bytes" }>;
        const selected = new Int32Array(rowCount);
        const kinds = new Uint8Array(rowCount);
        let count = 0;
        for (let row = 0; row < rowCount; row++) {
          const isNull = column.nulls?.[row] === 1;
          const code = isNull ? undefined : decodeUtf8(column.data, column.starts[row]!, column.lengths[row]!);
          const kind = code === undefined ? undefined : kindOf.get(code);
          if (kind === undefined) {
            if (spec.invalid === "fail") throw unknownCode(code, spec);
            context.count("invalidOps", 1);
            continue;
          }
          kinds[count] = kind;
          selected[count++] = row;
        }
        const kept = count === rowCount ? batch : takeBatch(batch, selected, count);
        emitBatch(out, { ...kept, kinds: kindsOf(kinds, count) });
      },
    };
  },
};

function unknownCode(code: string | undefined, spec: FromChangelogSpec): SqlError {
  const known = spec.codes.map(([each, kind]) => `'${each}' (${ROW_KIND_TEXT[kind as 0]})`).join(", ");
  return new SqlError(
    "INVALID_ARGUMENT",
    `FROM_CHANGELOG does not know the code ${code === undefined ? "NULL" : `'${code}'`}`,
    { hint: `it knows ${known}; invalid_op_handling => 'SKIP' drops such rows` },
  );
}
