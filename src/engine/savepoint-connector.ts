import { resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import type {
  Connector,
  ConnectorContext,
  Polled,
  ScanRequest,
  Source,
  Split,
  SplitReader,
} from "../connectors/api.ts";
import { nextRowOf, rowPosition } from "../connectors/row-splits.ts";
import { validateDeclared } from "../connectors/validate.ts";
import { columnSchema, widening } from "../state/widening.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { operatorNamed, stateNamed, stateText, storedOperators, type StateRows } from "./state-inspection.ts";

/** Reads one state of a checkpoint or savepoint as a table. It stands here because connectors do not know state. */
export const savepoint: Connector = {
  name: "savepoint",
  options: [
    {
      name: "path",
      type: "string",
      required: true,
      summary: "folder of a checkpoint or savepoint (with `_metadata`)",
    },
    {
      name: "operator",
      type: "string",
      summary: "id of the operator, or the beginning of it; needed where several hold state",
    },
    { name: "state", type: "string", summary: "name of the state; needed where the operator has several" },
  ],
  metadata: [],
  sinkMode: "none",
  validate: (request, context) => validateDeclared(savepoint, request, context),
  isBounded: () => true,
  source: (request, context) => new SavepointSource(request, context),
};

/** A column that is read: where it stands in the state, how its values become the declared ones. */
interface ReadColumn {
  readonly type: DataType;
  column(state: readonly Column[], rowCount: number): Column;
}

class SavepointSource implements Source {
  readonly bounded = true;
  readonly #request: ScanRequest;
  readonly #path: string;
  readonly #options: ReadonlyMap<string, string> | undefined;
  #loaded: Promise<{ readonly rows: StateRows; readonly columns: readonly ReadColumn[] }> | undefined;

  constructor(request: ScanRequest, context: ConnectorContext) {
    this.#request = request;
    this.#options = context.sessionOptions;
    const path = request.options["path"] ?? "";
    this.#path = /^[a-z][a-z0-9+.-]*:/i.test(path) ? path : resolve(context.baseDirectory, path);
  }

  /** What does not fit is found here, before the job runs. */
  async discoverSplits(): Promise<readonly Split[]> {
    await this.#load();
    return [{ id: "state", data: null }];
  }

  async openSplit(_split: Split, position: Json | undefined): Promise<SplitReader> {
    const { rows, columns } = await this.#load();
    let next = nextRowOf(position) ?? 0;
    return {
      poll: (maxRows): Polled => {
        if (next >= rows.rowCount) return "end";
        const batch = rows.batch(next, maxRows);
        next += batch.rowCount;
        return { ...batch, columns: columns.map((column) => column.column(batch.columns, batch.rowCount)) };
      },
      position: () => rowPosition(next),
      close: () => undefined,
    };
  }

  #load(): Promise<{ readonly rows: StateRows; readonly columns: readonly ReadColumn[] }> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<{ readonly rows: StateRows; readonly columns: readonly ReadColumn[] }> {
    const rows = await stateOf(this.#request, this.#path, this.#options);
    // All declared columns must fit, also those that a query does not read.
    for (const field of this.#request.physical) sourceOf(this.#request.table, field, rows);
    const columns = this.#request.columns.map((column): ReadColumn => {
      if (column.kind === "metadata")
        throw new SqlError("COLUMN_NOT_FOUND", `connector 'savepoint' has no metadata key '${column.key}'`);
      const [name, ...inner] = column.path;
      const field = this.#request.physical.find((f) => f.name === name)!;
      const whole = sourceOf(this.#request.table, field, rows);
      return inner.length === 0 ? whole : fieldOf(whole, inner, column.type);
    });
    return { rows, columns };
  }
}

async function stateOf(
  { table, options }: ScanRequest,
  path: string,
  sessionOptions: ReadonlyMap<string, string> | undefined,
): Promise<StateRows> {
  const operators = await storedOperators(path, sessionOptions);
  const { operator: operatorName, state: stateName } = options;
  const kept = operators.filter((o) => o.bytes > 0);
  if (operatorName === undefined && kept.length !== 1) {
    throw new SqlError(
      "OPTION_MISSING",
      `table '${table}' needs the option 'operator': ${path} holds${list(kept.map((o) => `${o.operatorId}  ${o.description}`))}`,
    );
  }
  const operator = operatorName === undefined ? kept[0]! : operatorNamed(operators, operatorName, path);
  const states = await operator.states();
  if (stateName === undefined && states.length !== 1) {
    throw new SqlError(
      "OPTION_MISSING",
      `table '${table}' needs the option 'state': ${operator.operatorId} has${list(states.map(stateText))}`,
    );
  }
  return stateName === undefined ? states[0]! : stateNamed(states, stateName, operator);
}

/** The column of the state for a declared one: of its name, and of its type or a narrower one. */
function sourceOf(table: string, { name, type }: Field, rows: StateRows): ReadColumn {
  const at = rows.fields.findIndex((f) => f.name === name);
  const found = rows.fields[at];
  const there = list(rows.fields.map((f) => `\`${f.name}\` ${typeText(f.type)}`));
  if (found === undefined) {
    throw new SqlError("COLUMN_NOT_FOUND", `the state '${rows.name}' has no column '${name}'; it has${there}`, {
      hint: didYouMean(
        name,
        rows.fields.map((f) => f.name),
      ),
    });
  }
  const wider = widening(columnSchema(found), columnSchema({ name, type }));
  if (wider === undefined) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `column '${name}' of table '${table}' is ${typeText(type)}, and in the state '${rows.name}' it is ${typeText(found.type)}; it has${there}`,
    );
  }
  return {
    type,
    column: (columns, rowCount) => {
      const column = wider.convert(columns[at]!, rowCount);
      if (!type.nullable && column.nulls?.subarray(0, rowCount).includes(1) === true)
        throw new SqlError(
          "NOT_NULL_VIOLATION",
          `column '${name}' of table '${table}' is NOT NULL, and NULL in the state`,
        );
      return column;
    },
  };
}

/** A field inside a ROW column. */
function fieldOf(whole: ReadColumn, path: readonly string[], type: DataType): ReadColumn {
  const indexes: number[] = [];
  let outer = whole.type;
  for (const name of path) {
    const fields = outer.kind === "ROW" ? outer.fields : [];
    indexes.push(fields.findIndex((f) => f.name === name));
    outer = fields[indexes.at(-1)!]?.type ?? type;
  }
  return {
    type,
    column: (columns, rowCount) => {
      const rows = whole.column(columns, rowCount);
      const builder = createColumnBuilder(type, rowCount);
      for (let row = 0; row < rowCount; row++) {
        let value = valueAt(rows, row, whole.type);
        for (const index of indexes) value = value === null ? null : ((value as readonly Value[])[index] ?? null);
        builder.append(value);
      }
      return builder.finish();
    },
  };
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? " nothing" : lines.map((line) => `\n  ${line}`).join("");
}
