import { SqlError } from "../base/errors.ts";
import { operatorNamed, stateNamed, storedOperators } from "../engine/state-inspection.ts";
import type { StateRows, StoredOperator } from "../engine/state-inspection.ts";
import { RESULT_FORMATS, resultWriter, showRows } from "../output/format.ts";
import type { ResultOptions } from "../output/format.ts";
import { BATCH_ROWS } from "../batch/record-batch.ts";
import { T, type Field, type Value } from "../types/data-type.ts";
import { parseFlags } from "./args.ts";
import { EXIT } from "./exit.ts";
import { PLACE_FLAGS, placeOptions } from "./place-options.ts";
import { TextOutput } from "./text-output.ts";

const FLAGS = { ...PLACE_FLAGS, format: { type: "string" }, "max-rows": { type: "string" } } as const;

const LIST_FIELDS: readonly Field[] = [
  { name: "operator", type: T.string(false) },
  { name: "description", type: T.string(false) },
  { name: "bytes", type: T.bigint(false) },
  { name: "state", type: T.string() },
  { name: "rows", type: T.bigint() },
  { name: "columns", type: T.string() },
];

/** `millrace state show PATH [OPERATOR [STATE]]`: what a checkpoint or savepoint holds, or the rows of one state. */
export async function state(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(argv, FLAGS);
  const [action, path, operatorName, stateName, ...rest] = positionals;
  if (action !== "show" || path === undefined || rest.length > 0) {
    throw new SqlError("USAGE", "millrace state show takes a checkpoint's folder, then an operator and a state", {
      hint: "millrace state show .millrace/totals/20261121T110800-0b358b/chk-14",
    });
  }
  const output = new TextOutput(process.stdout);
  const options = resultOptions(values.format, values["max-rows"], output);
  const operators = await storedOperators(path, await placeOptions(values));
  if (operatorName === undefined) {
    await list(operators, options);
    return EXIT.ok;
  }
  const operator = operatorNamed(operators, operatorName, path);
  const states = await operator.states();
  const shown =
    stateName === undefined && states.length === 1 ? states[0] : stateName && stateNamed(states, stateName, operator);
  if (shown === undefined || typeof shown === "string") await list([operator], options);
  else await show(shown, options);
  return EXIT.ok;
}

function resultOptions(format: string | undefined, maxRows: string | undefined, output: TextOutput): ResultOptions {
  const known = RESULT_FORMATS.find((each) => each === format);
  if (known === "golden" || (format !== undefined && known === undefined))
    throw new SqlError("USAGE", `--format is one of tableau, print, json, csv, arrow, not '${format ?? ""}'`);
  const count = maxRows === undefined ? -1 : Number(maxRows);
  if (!Number.isInteger(count) || (maxRows !== undefined && count < 0))
    throw new SqlError("USAGE", `--max-rows takes a number, not '${maxRows ?? ""}'`);
  return {
    format: known ?? "tableau",
    zone: "UTC",
    final: false,
    plain: true,
    maxRows: count,
    write: (text) => output.write(text),
    writeBytes: (bytes) => output.write(bytes),
  };
}

/** One line for each state; an operator whose state only its backend can read has one without. */
async function list(operators: readonly StoredOperator[], options: ResultOptions): Promise<void> {
  const rows: Value[][] = [];
  for (const operator of operators) {
    const { operatorId, description, bytes } = operator;
    const head = [operatorId, description, BigInt(bytes)];
    try {
      const states = await operator.states();
      for (const { name, rowCount, fields } of states)
        rows.push([...head, name, BigInt(rowCount), fields.map((f) => f.name).join(", ")]);
      if (states.length === 0) rows.push([...head, null, null, null]);
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "UNSUPPORTED") throw error;
      rows.push([...head, null, null, null]);
    }
  }
  showRows(LIST_FIELDS, rows, options);
}

async function show({ fields, rowCount, batch }: StateRows, options: ResultOptions): Promise<void> {
  const writer = resultWriter(fields, options);
  const wanted = options.maxRows < 0 ? rowCount : Math.min(rowCount, options.maxRows);
  for (let from = 0; from < wanted;) {
    const some = batch(from, Math.min(BATCH_ROWS, wanted - from));
    from += some.rowCount;
    await writer.batch(some);
  }
  writer.end();
}
