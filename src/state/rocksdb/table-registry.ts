import { SqlError } from "../../base/errors.ts";
import { checkEvolution, isUnchanged, partEvolution } from "../evolution.ts";
import type { RecordBackendName } from "../manifest-magic.ts";
import type { PartSchema } from "../snapshot-manifest.ts";
import { MARKS_TABLE } from "./key-layout.ts";
import { T } from "../../types/data-type.ts";
import type { StoredTable } from "./manifest.ts";

/** A table of the database: what a checkpoint says of it, or what an operator declares. */
interface Known {
  readonly number: number;
  readonly schema: PartSchema;
  readonly children: PartSchema[];
  /** It came from a checkpoint. */
  readonly restored: boolean;
  claimed: boolean;
  /** Children that the operator has declared so far. */
  declaredChildren: number;
}

/** Which tables of which operators the database holds, by number. */
export class TableRegistry {
  readonly #backend: RecordBackendName;
  readonly #tables = new Map<string, Known>();
  readonly #numbers = new Map<string, Map<string, string[]>>();
  #nextNumber = 1;

  constructor(backend: RecordBackendName) {
    this.#backend = backend;
  }

  /** A table that a checkpoint holds: its number, a new one when `wanted` is taken. The same table of another subtask is the same. */
  restore(operatorId: string, { schema, children, number: wanted }: StoredTable, keepNumber: boolean): number {
    const key = keyOf(operatorId, schema.name);
    const known = this.#tables.get(key);
    if (known !== undefined) return known.number;
    const number = keepNumber ? wanted : this.#nextNumber;
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    this.#tables.set(key, {
      number,
      schema,
      children: [...children],
      restored: true,
      claimed: false,
      declaredChildren: 0,
    });
    return number;
  }

  restoreNumbers(operatorId: string, numbers: Readonly<Record<string, string>>): void {
    const ofOperator = this.#numbers.get(operatorId) ?? new Map<string, string[]>();
    this.#numbers.set(operatorId, ofOperator);
    for (const [name, text] of Object.entries(numbers)) ofOperator.set(name, [...(ofOperator.get(name) ?? []), text]);
  }

  /** The operator declares a table. Throws STATE_INCOMPATIBLE when a checkpoint holds another one under this name. */
  declare(operatorId: string, schema: PartSchema): { readonly number: number; readonly restored: boolean } {
    const key = keyOf(operatorId, schema.name);
    const known = this.#tables.get(key);
    if (known !== undefined) {
      checkSame(known.schema, schema, this.#backend);
      if (known.schema.ttl !== schema.ttl) throw differs(schema, "its time to live is switched on or off");
      known.claimed = true;
      return known;
    }
    const number = this.#nextNumber++;
    if (number >= MARKS_TABLE)
      throw new SqlError(
        "UNSUPPORTED",
        `the ${this.#backend} backend holds at most ${MARKS_TABLE - 1} tables of state in one thread`,
      );
    this.#tables.set(key, { number, schema, children: [], restored: false, claimed: true, declaredChildren: 0 });
    return { number, restored: false };
  }

  /** The operator declares a list or map under its table. Throws STATE_INCOMPATIBLE. */
  declareChild(operatorId: string, child: PartSchema): void {
    const table = this.#tables.get(keyOf(operatorId, child.parent!))!;
    const at = table.declaredChildren++;
    if (!table.restored) {
      table.children.push(child);
      return;
    }
    const stored = table.children[at];
    if (stored === undefined || stored.name !== child.name)
      throw differs(table.schema, `holds ${names(table.children)} there and has ${child.name} here`);
    checkSame(stored, child, this.#backend);
  }

  takeNumbers(operatorId: string, name: string): number[] {
    const ofOperator = this.#numbers.get(operatorId);
    const texts = ofOperator?.get(name) ?? [];
    ofOperator?.delete(name);
    return texts.map(Number);
  }

  /** The operator's tables as a manifest names them. */
  tablesOf(operatorId: string): StoredTable[] {
    const prefix = keyOf(operatorId, "");
    return [...this.#tables]
      .filter(([key, { claimed }]) => claimed && key.startsWith(prefix))
      .map(([, { number, schema, children }]) => ({ number, schema, children }));
  }

  /** Some operator has declared a table. */
  get hasTables(): boolean {
    return [...this.#tables.values()].some((table) => table.claimed);
  }

  /** What the checkpoint holds of the operator and the operator has not declared: names, and numbers of whole tables. */
  unclaimed(operatorId: string): { readonly names: readonly string[]; readonly tables: readonly number[] } {
    const prefix = keyOf(operatorId, "");
    const left: string[] = [];
    const tables: number[] = [];
    for (const [key, table] of this.#tables) {
      if (!key.startsWith(prefix) || !table.restored) continue;
      if (!table.claimed) {
        left.push(table.schema.name);
        tables.push(table.number);
      } else if (table.declaredChildren < table.children.length) {
        throw differs(
          table.schema,
          `holds ${names(table.children.slice(table.declaredChildren))} there, which this query does not have`,
        );
      }
    }
    left.push(...(this.#numbers.get(operatorId)?.keys() ?? []));
    return { names: left, tables };
  }

  /** Tables that were given up are forgotten, so that a new one under their name begins empty. */
  forget(operatorId: string): void {
    const prefix = keyOf(operatorId, "");
    for (const [key, table] of this.#tables) if (key.startsWith(prefix) && !table.claimed) this.#tables.delete(key);
  }
}

function keyOf(operatorId: string, table: string): string {
  return `${operatorId}\u0000${table}`;
}

function names(children: readonly PartSchema[]): string {
  return children.length === 0 ? "no rows" : children.map(({ name }) => name).join(", ");
}

/** Records hold columns by position: they are taken as they are, or not at all. */
function checkSame(stored: PartSchema, schema: PartSchema, backend: RecordBackendName): void {
  const fields = schema.fields.map((field) => ({ name: field.name, type: T.null(), initial: null }));
  const evolution = partEvolution(stored, { schema, fields });
  checkEvolution(evolution, true);
  if (!isUnchanged(evolution, stored))
    throw differs(schema, `it has other columns, and the ${backend} backend takes state only as it is`);
}

function differs(schema: PartSchema, what: string): SqlError {
  return new SqlError(
    "STATE_INCOMPATIBLE",
    `the state '${schema.name}' in the checkpoint does not fit this query: ${what}`,
    {
      hint: "go on once from a savepoint with 'state.backend.type' = 'memory', or with the query that made the state",
    },
  );
}
