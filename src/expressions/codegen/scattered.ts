import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import { storageOf } from "../../types/data-type.ts";
import type { Expr } from "../expr.ts";
import type { ScatteredTest } from "../scattered.ts";
import { Generator, type GeneratorInput } from "./generator.ts";
import { ARENA, LITERAL_BYTES } from "./source.ts";

/** A condition over columns of which each is read at a row of its own. */
export function generateScatteredTest(condition: Expr, options: Omit<GeneratorInput, "hasNulls">): ScatteredTest {
  const g = new Generator({ ...options, hasNulls: [], scattered: true });
  const { source } = g;
  const result = g.truth(condition);
  const preludes = [...g.columns]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const column = `columns[${index}]`;
      const arrays =
        storageOf(options.input[index]!) === "bytes"
          ? `const starts${index} = ${column}.starts, lengths${index} = ${column}.lengths, data${index} = ${column}.data;`
          : `const values${index} = ${column}.values;`;
      // A row that is not there is NULL, and harmless to read as row 0.
      return [
        arrays,
        `let row${index} = rows[${index}], absent${index} = 0;`,
        `if (row${index} < 0) { row${index} = 0; absent${index} = 1; } else { const n = ${column}.nulls; if (n !== undefined) absent${index} = n[row${index}]; }`,
      ];
    });
  const arena = g.usesArena
    ? [`const ${ARENA} = ${source.constant(new ByteWriter(1024))};`, `${ARENA}.length = 0;`]
    : [];
  const constants = source.pool.map((_, i) => `const k${i} = pool[${i}];`).join("\n");
  const body = [...arena, ...preludes, source.text(), `return ${result};`].join("\n");
  const text = `"use strict";\n${constants}\nreturn function test(columns, rows) {\n${body}\n};`;
  try {
    return (
      new Function("pool", LITERAL_BYTES, text) as (pool: readonly unknown[], literals: Uint8Array) => ScatteredTest
    )(source.pool, source.allLiteralBytes());
  } catch (error) {
    throw new SqlError("BUG", "generated code does not compile", { cause: error });
  }
}
