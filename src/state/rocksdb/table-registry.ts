import { SqlError } from "../../base/errors.ts";
import { checkEvolution, isUnchanged, partEvolution, type DeclaredPart } from "../evolution.ts";
import type { RecordBackendName } from "../manifest-magic.ts";
import type { PartSchema } from "../snapshot-manifest.ts";
import { MARKS_TABLE } from "./key-layout.ts";
import type { StoredTable } from "./manifest.ts";

/** A table of the database. */
interface Known {
  number: number;
  /** What a checkpoint holds of it, under the number that its records have in the database. */
  readonly stored: StoredTable | undefined;
  /** What its operator has declared: the table, then what hangs under it. */
  readonly declared: DeclaredPart[];
}

/** A table whose records have another form than its operator declares. */
export interface EvolvingTable {
  readonly name: string;
  readonly stored: StoredTable;
  /** The number for its records in the form that is declared. */
  readonly number: number;
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
    this.#tables.set(key, { number, stored: { number, schema, children }, declared: [] });
    return number;
  }

  restoreNumbers(operatorId: string, numbers: Readonly<Record<string, string>>): void {
    const ofOperator = this.#numbers.get(operatorId) ?? new Map<string, string[]>();
    this.#numbers.set(operatorId, ofOperator);
    for (const [name, text] of Object.entries(numbers)) ofOperator.set(name, [...(ofOperator.get(name) ?? []), text]);
  }

  /** The operator declares a table; `restored`: a checkpoint holds it, perhaps in another form (`evolving`). */
  declare(operatorId: string, part: DeclaredPart): { readonly number: number; readonly restored: boolean } {
    const key = keyOf(operatorId, part.schema.name);
    const known = this.#tables.get(key) ?? { number: this.#newNumber(), stored: undefined, declared: [] };
    this.#tables.set(key, known);
    known.declared.push(part);
    return { number: known.number, restored: known.stored !== undefined };
  }

  /** The operator declares a list or map under its table. */
  declareChild(operatorId: string, child: DeclaredPart): void {
    this.#tables.get(keyOf(operatorId, child.schema.parent!))!.declared.push(child);
  }

  #newNumber(): number {
    const number = this.#nextNumber++;
    if (number < MARKS_TABLE) return number;
    throw new SqlError(
      "UNSUPPORTED",
      `the ${this.#backend} backend holds at most ${MARKS_TABLE - 1} tables of state in one thread`,
    );
  }

  takeNumbers(operatorId: string, name: string): number[] {
    const ofOperator = this.#numbers.get(operatorId);
    const texts = ofOperator?.get(name) ?? [];
    ofOperator?.delete(name);
    return texts.map(Number);
  }

  /** The operator's tables as a manifest names them. */
  tablesOf(operatorId: string): StoredTable[] {
    return this.#ofOperator(operatorId).flatMap(({ number, declared }) => {
      const [table, ...children] = declared;
      return table === undefined
        ? []
        : [{ number, schema: table.schema, children: children.map(({ schema }) => schema) }];
    });
  }

  /** Some operator has declared a table. */
  get hasTables(): boolean {
    return [...this.#tables.values()].some(({ declared }) => declared.length > 0);
  }

  /**
   * Names of what the checkpoint holds of the operator and the operator has not declared. Throws STATE_INCOMPATIBLE when a table cannot be brought into the form that is declared. `allGroups`: rows of all key
   * groups are in this thread.
   */
  unclaimed(operatorId: string, allGroups: boolean): readonly string[] {
    const left: string[] = [];
    for (const { stored, declared } of this.#ofOperator(operatorId)) {
      if (stored === undefined) continue;
      if (declared.length === 0) {
        left.push(stored.schema.name);
        continue;
      }
      for (const part of [stored.schema, ...stored.children]) {
        const wanted = declared.find(({ schema }) => schema.name === part.name);
        if (wanted === undefined) {
          left.push(part.name);
          continue;
        }
        const evolution = partEvolution(part, wanted);
        checkEvolution(evolution, allGroups);
        left.push(...evolution.dropped.map((column) => `${column} (of ${part.name})`));
      }
    }
    return [...left, ...(this.#numbers.get(operatorId)?.keys() ?? [])];
  }

  /** The operator's tables that are stored in another form than it declares; from now on they have a new number. */
  evolving(operatorId: string): EvolvingTable[] {
    const evolving: EvolvingTable[] = [];
    for (const known of this.#ofOperator(operatorId)) {
      const { stored, declared } = known;
      if (stored === undefined || declared.length === 0 || isStoredSo(stored, declared)) continue;
      known.number = this.#newNumber();
      evolving.push({ name: stored.schema.name, stored, number: known.number });
    }
    return evolving;
  }

  /** Forgets the tables that no operator has declared; returns their numbers. */
  dropUndeclared(): number[] {
    const dropped: number[] = [];
    for (const [key, { number, declared }] of this.#tables) {
      if (declared.length > 0) continue;
      this.#tables.delete(key);
      dropped.push(number);
    }
    return dropped;
  }

  #ofOperator(operatorId: string): Known[] {
    const prefix = keyOf(operatorId, "");
    return [...this.#tables].filter(([key]) => key.startsWith(prefix)).map(([, known]) => known);
  }
}

function keyOf(operatorId: string, table: string): string {
  return `${operatorId}\u0000${table}`;
}

/** Records hold columns by position, and what hangs under a key in the order in which it was declared. */
function isStoredSo({ schema, children }: StoredTable, declared: readonly DeclaredPart[]): boolean {
  const parts: readonly PartSchema[] = [schema, ...children];
  return (
    parts.length === declared.length &&
    parts.every((part, i) => {
      const wanted = declared[i]!;
      const same = part.name === wanted.schema.name && part.ttl === wanted.schema.ttl;
      return same && isUnchanged(partEvolution(part, wanted), part);
    })
  );
}
