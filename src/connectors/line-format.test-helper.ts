import type { Column } from "../batch/column.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import { readers } from "../batch/get.ts";
import { decodeUtf8 } from "../batch/utf8.ts";
import { SqlError } from "../base/errors.ts";
import type { Format } from "../formats/api.ts";
import type { DataType, Value } from "../types/data-type.ts";

/** A tiny format for tests of connectors: fields joined by `|`, one record a line; a field `!` is a bad record. */
export const lineFormat: Format = {
  name: "json",
  options: [],
  changelog: "insert-only",
  decoder(request) {
    let skippedRecords = 0;
    return {
      get skippedRecords() {
        return skippedRecords;
      },
      skippedFields: 0,
      decode(data, start, end, maxRows, last) {
        const builders = request.projection.map((field) => createColumnBuilder(field.type, 16));
        let at = start;
        let rowCount = 0;
        while (rowCount < maxRows && at < end) {
          let stop = data.indexOf(10, at);
          if (stop < 0 || stop >= end) stop = end;
          if (stop === end && !last) break;
          const fields = decodeUtf8(data, at, stop - at).split("|");
          if (fields.includes("!")) {
            if (request.onBadRecord === undefined) throw new SqlError("BAD_RECORD", "a field is '!'");
            request.onBadRecord({ raw: fields.join("|"), reason: "a field is '!'", offset: at });
            skippedRecords += 1;
          } else {
            request.projection.forEach(({ path, type }, i) => {
              const index = request.physical.findIndex((field) => field.name === path[0]);
              builders[i]!.append(parse(fields[index] ?? "", type));
            });
            rowCount += 1;
          }
          at = Math.min(stop + 1, end);
        }
        const columns: Column[] = builders.map((builder) => builder.finish());
        return { batch: { rowCount, columns, kinds: undefined, steps: undefined }, consumed: at - start };
      },
    };
  },
  encoder(request) {
    const types = request.fields.map((field) => field.type);
    return {
      rowWriter(batch, out) {
        const read = readers(batch.columns, types);
        return (row) => {
          out.text(read.map((value) => String(value(row) ?? "")).join("|"));
          return true;
        };
      },
    };
  },
};

function parse(text: string, type: DataType): Value {
  if (text === "") return null;
  if (type.kind === "BIGINT") return BigInt(text);
  return type.kind === "VARCHAR" ? text : Number(text);
}
