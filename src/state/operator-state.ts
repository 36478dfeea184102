import { SqlError } from "../base/errors.ts";
import { assert } from "../base/assert.ts";
import type {
  ChildMap,
  ChildMapSpec,
  KeyedTable,
  NumberMeeting,
  OperatorState,
  RowLists,
  SlicedTable,
  StateField,
  TableSpec,
} from "./api.ts";
import { MemoryChildMap } from "./child-map.ts";
import { checkEvolution, evolvedColumns, isUnchanged, partEvolution, type DeclaredPart } from "./evolution.ts";
import { LookupCache, MemoryKeyedTable } from "./keyed-table.ts";
import {
  restoreLists,
  restoreMap,
  restoreSliceMaps,
  restoreSlices,
  restoreTable,
  type Placement,
} from "./restore-parts.ts";
import type { KeyGroupRange, RestoredPart, RestoredState } from "./restored-state.ts";
import type { FrozenPages } from "./pages.ts";
import { MemoryRowLists } from "./row-lists.ts";
import { MemorySlicedTable } from "./sliced-table.ts";
import type { SlotStore } from "./slot-store.ts";
import { FrozenState, type FrozenPart, type FrozenUnit } from "./snapshot.ts";
import type { StateSize } from "./backend.ts";
import { fieldSchemas, keySchemas, type PartSchema } from "./snapshot-manifest.ts";
import type { Clock } from "./ttl.ts";
import type { DataType } from "../types/data-type.ts";
import { typeBytes } from "../types/type-size.ts";

export interface OperatorStateOptions {
  /** Processing time, for TTL. */
  readonly clock: Clock;
  /** Number of key groups (`pipeline.max-parallelism`); a restored state brings its own, which wins. */
  readonly maxParallelism: number;
  /** What `readSnapshots` read; states take it when they are declared. */
  readonly restore?: RestoredState | undefined;
  /** The key groups that `restore` was read for; undefined: all. */
  readonly keyGroups?: KeyGroupRange | undefined;
}

/** Freezes a store for the running freeze. */
type FreezeStore = (store: SlotStore) => FrozenPages;

/** A declared state and how it is frozen; `parents` are the frozen units of the part it hangs under. */
interface Declared extends DeclaredPart {
  readonly freeze: (freezeStore: FreezeStore, parents: readonly FrozenUnit[]) => FrozenUnit[];
  readonly memoryBytes: () => number;
  readonly count: () => number;
}

/** All state of one operator, in memory; see `OperatorState`. */
export class MemoryOperatorState implements OperatorState {
  readonly behind = false;
  readonly maxParallelism: number;
  readonly #clock: Clock;
  readonly #restore: RestoredState | undefined;
  readonly #allGroups: boolean;
  /** Columns of the checkpoint that were left out. */
  readonly #dropped: string[] = [];
  /** Parents before children. */
  readonly #declared = new Map<string, Declared>();
  readonly #tables = new Map<KeyedTable, string>();
  readonly #placements = new Map<string, Placement>();
  readonly #numbers = new Map<string, () => number>();
  #freezes = 0;

  constructor(options: OperatorStateOptions) {
    this.#clock = options.clock;
    this.#restore = options.restore;
    this.maxParallelism = options.restore?.maxParallelism ?? options.maxParallelism;
    const { from, to } = options.keyGroups ?? { from: 0, to: this.maxParallelism };
    this.#allGroups = from === 0 && to === this.maxParallelism;
  }

  table(spec: TableSpec): KeyedTable {
    const table = new MemoryKeyedTable(spec, this.#clock, new LookupCache());
    const schema = tableSchema("table", spec);
    const { fields } = spec;
    this.#declare({
      schema,
      fields,
      freeze: (freezeStore) => [{ frozen: freezeStore(table.store) }],
      memoryBytes: () => table.memoryBytes,
      count: () => table.liveCount,
    });
    this.#tables.set(table, spec.name);
    const part = this.#restored({ schema, fields });
    if (part !== undefined) this.#placements.set(spec.name, restoreTable(table, part));
    return table;
  }

  lists(parent: KeyedTable, name: string, fields: readonly StateField[]): RowLists {
    const [table, parentName] = this.#own(parent);
    const lists = new MemoryRowLists(table, name, fields);
    const schema = childSchema("lists", parentName, name, { keys: [], fields, ttlMillis: table.spec.ttlMillis });
    this.#declare({
      schema,
      fields,
      freeze: (freezeStore, [parent]) => [{ frozen: freezeStore(lists.children.store), parent }],
      memoryBytes: () => lists.children.memoryBytes,
      count: () => lists.liveCount,
    });
    const part = this.#restored({ schema, fields });
    if (part !== undefined) restoreLists(lists, part, this.#placements.get(parentName)!);
    return lists;
  }

  childMap(parent: KeyedTable, spec: ChildMapSpec): ChildMap {
    const [table, parentName] = this.#own(parent);
    const map = new MemoryChildMap(table, spec, new LookupCache());
    const schema = childSchema("map", parentName, spec.name, { ...spec, ttlMillis: table.spec.ttlMillis });
    this.#declare({
      schema,
      fields: spec.fields,
      freeze: (freezeStore, [parent]) => [{ frozen: freezeStore(map.children.store), parent }],
      memoryBytes: () => map.memoryBytes,
      count: () => map.liveCount,
    });
    const part = this.#restored({ schema, fields: spec.fields });
    if (part !== undefined) restoreMap(map, part, this.#placements.get(parentName)!);
    return map;
  }

  slices(spec: TableSpec, children: readonly ChildMapSpec[]): SlicedTable {
    const slices = new MemorySlicedTable(spec, children, this.#clock);
    const schema = tableSchema("slices", spec);
    const freeze: Declared["freeze"] = (freezeStore) =>
      slices.all().map(({ endMillis, table }) => ({ sliceEnd: endMillis, frozen: freezeStore(table.store) }));
    const count = (): number => slices.all().reduce((sum, { table }) => sum + table.liveCount, 0);
    this.#declare({ schema, fields: spec.fields, freeze, memoryBytes: () => slices.memoryBytes, count });
    const part = this.#restored({ schema, fields: spec.fields });
    const placement = part === undefined ? undefined : restoreSlices(slices, part);
    children.forEach((child, i) => {
      const childPart = {
        ...childSchema("map", spec.name, child.name, { ...child, ttlMillis: spec.ttlMillis }),
        sliced: true,
      };
      const freezeMaps: Declared["freeze"] = (freezeStore, parents) =>
        slices.all().map(({ endMillis, children: maps }, at) => ({
          sliceEnd: endMillis,
          frozen: freezeStore(maps[i]!.children.store),
          parent: parents[at],
        }));
      const countMaps = (): number => slices.all().reduce((sum, slice) => sum + slice.children[i]!.liveCount, 0);
      const { fields } = child;
      this.#declare({ schema: childPart, fields, freeze: freezeMaps, memoryBytes: () => 0, count: countMaps });
      const restored = this.#restored({ schema: childPart, fields });
      if (restored !== undefined) restoreSliceMaps(slices, child.name, restored, placement!);
    });
    return slices;
  }

  number(name: string, meet: NumberMeeting, initial: number, current: () => number): number {
    assert(!this.#numbers.has(name), `the state '${name}' is declared twice`);
    this.#numbers.set(name, current);
    const restored = this.#restore?.takeNumbers(name) ?? [];
    if (restored.length === 0) return initial;
    return meet === "lowest" ? Math.min(...restored) : Math.max(...restored);
  }

  /** What was declared so far, to be compared with what a checkpoint holds. */
  declared(): { readonly parts: readonly DeclaredPart[]; readonly numbers: readonly string[] } {
    return { parts: [...this.#declared.values()], numbers: [...this.#numbers.keys()] };
  }

  makeRoom(): undefined {
    // Everything stays in memory.
  }

  memoryBytes(): number {
    let bytes = 0;
    for (const declared of this.#declared.values()) bytes += declared.memoryBytes();
    return bytes;
  }

  /** How many elements there are now, and what they take by the sizes of their types. */
  size(): StateSize {
    let elements = 0;
    let estimatedBytes = 0;
    for (const { schema, count } of this.#declared.values()) {
      const live = count();
      elements += live;
      for (const { type } of [...schema.keys, ...schema.fields])
        estimatedBytes += live * typeBytes(type as unknown as DataType);
    }
    return { elements, estimatedBytes };
  }

  /** After all states are declared: throws STATE_INCOMPATIBLE when the checkpoint holds states that nobody declared, unless allowed. */
  checkAllRestored(allowNonRestoredState: boolean): void {
    const left = [...(this.#restore?.unclaimed() ?? []), ...this.#dropped];
    if (left.length === 0 || allowNonRestoredState) return;
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `the checkpoint holds state that this query does not have: ${left.join(", ")}`,
      {
        hint: "--allow-dropped-state ('execution.state-recovery.ignore-unclaimed-state' = 'true') drops it",
      },
    );
  }

  /**
   * The state of this moment, at a cost that follows pages, not rows. A freeze that is still being written is given up.
   * `since`: the freeze (`FrozenState.freeze`) whose checkpoint is complete and that an increment would build on; 0: none.
   */
  freeze(since = 0): FrozenState {
    const number = (this.#freezes += 1);
    const freezeStore: FreezeStore = (store) => store.freeze(number, since);
    const units = new Map<string, readonly FrozenUnit[]>();
    const parts: FrozenPart[] = [];
    for (const [name, { schema, freeze }] of this.#declared) {
      const frozen = freeze(freezeStore, schema.parent === undefined ? [] : units.get(schema.parent)!);
      units.set(name, frozen);
      parts.push({ schema, units: frozen });
    }
    const numbers = Object.fromEntries([...this.#numbers].map(([name, current]) => [name, String(current())]));
    return new FrozenState({ parts, numbers, maxParallelism: this.maxParallelism, freeze: number, since });
  }

  #declare(declared: Declared): void {
    const { name } = declared.schema;
    assert(!this.#declared.has(name), `the state '${name}' is declared twice`);
    this.#declared.set(name, declared);
  }

  /** What the checkpoint holds of the state, its columns as they are declared here. */
  #restored(declared: DeclaredPart): RestoredPart | undefined {
    const { name } = declared.schema;
    const part = this.#restore?.takePart(name);
    if (part === undefined) return undefined;
    const evolution = partEvolution(part.manifest, declared);
    checkEvolution(evolution, this.#allGroups);
    this.#dropped.push(...evolution.dropped.map((column) => `${column} (of ${name})`));
    if (isUnchanged(evolution, part.manifest)) return part;
    const batches = part.batches.map((batch) => {
      const columns = evolvedColumns(evolution, part.manifest, declared, batch.columns, batch.rowCount);
      return { ...batch, columns };
    });
    return { ...part, batches };
  }

  #own(parent: KeyedTable): [table: MemoryKeyedTable, name: string] {
    const name = this.#tables.get(parent);
    assert(
      name !== undefined && parent instanceof MemoryKeyedTable,
      `the state table '${parent.name}' is not of this operator`,
    );
    return [parent, name];
  }
}

/** The state of one operator: empty, or with what a checkpoint held. */
export function createOperatorState(options: OperatorStateOptions): MemoryOperatorState {
  return new MemoryOperatorState(options);
}

/** The stored form of a table's or sliced table's declaration. */
export function tableSchema(kind: "table" | "slices", spec: TableSpec): PartSchema {
  return {
    name: spec.name,
    kind,
    ...(kind === "slices" ? { sliced: true } : {}),
    keys: keySchemas(spec.keys),
    ...(spec.groupKeys === undefined ? {} : { groupKeys: spec.groupKeys }),
    fields: fieldSchemas(spec.fields),
    ttl: spec.ttlMillis > 0,
  };
}

/** The stored form of the declaration of what hangs under a table; `name` is then `parent/name`. */
export function childSchema(
  kind: "lists" | "map",
  parent: string,
  name: string,
  spec: Omit<TableSpec, "name">,
): PartSchema {
  const keys = keySchemas(spec.keys);
  return { name: `${parent}/${name}`, kind, parent, keys, fields: fieldSchemas(spec.fields), ttl: spec.ttlMillis > 0 };
}
