import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { ChildMap, ChildMapSpec, KeyedTable, OperatorState, RowLists, SlicedTable, StateField, TableSpec } from "./api.ts";
import { MemoryChildMap } from "./child-map.ts";
import { LookupCache, MemoryKeyedTable } from "./keyed-table.ts";
import { MemoryRowLists } from "./row-lists.ts";
import { MemorySlicedTable } from "./sliced-table.ts";
import type { Clock } from "./ttl.ts";

export interface OperatorStateOptions {
  /** Processing time, for TTL. */
  readonly clock: Clock;
  /** Number of key groups (`pipeline.max-parallelism`). */
  readonly maxParallelism: number;
}

/** All state of one operator, in memory; see `OperatorState`. */
export class MemoryOperatorState implements OperatorState {
  readonly #options: OperatorStateOptions;
  readonly #tables = new Map<string, MemoryKeyedTable>();
  readonly #slices = new Map<string, MemorySlicedTable>();
  readonly #lists: MemoryRowLists[] = [];
  readonly #maps: MemoryChildMap[] = [];
  readonly #extras = new Map<string, () => Json>();

  constructor(options: OperatorStateOptions) {
    this.#options = options;
  }

  table(spec: TableSpec): KeyedTable {
    this.#claim(spec.name);
    const table = new MemoryKeyedTable(spec, this.#options.clock, new LookupCache());
    this.#tables.set(spec.name, table);
    return table;
  }

  lists(parent: KeyedTable, name: string, fields: readonly StateField[]): RowLists {
    const lists = new MemoryRowLists(this.#own(parent), name, fields);
    this.#lists.push(lists);
    return lists;
  }

  childMap(parent: KeyedTable, spec: ChildMapSpec): ChildMap {
    const map = new MemoryChildMap(this.#own(parent), spec, new LookupCache());
    this.#maps.push(map);
    return map;
  }

  slices(spec: TableSpec, children: readonly ChildMapSpec[]): SlicedTable {
    this.#claim(spec.name);
    const slices = new MemorySlicedTable(spec, children, this.#options.clock);
    this.#slices.set(spec.name, slices);
    return slices;
  }

  extra(name: string, current: () => Json): Json | undefined {
    this.#extras.set(name, current);
    return undefined;
  }

  memoryBytes(): number {
    let bytes = 0;
    for (const table of this.#tables.values()) bytes += table.memoryBytes;
    for (const slices of this.#slices.values()) bytes += slices.memoryBytes;
    for (const lists of this.#lists) bytes += lists.children.memoryBytes;
    for (const map of this.#maps) bytes += map.memoryBytes;
    return bytes;
  }

  #claim(name: string): void {
    if (this.#tables.has(name) || this.#slices.has(name)) throw new SqlError("BUG", `the state '${name}' is declared twice`);
  }

  #own(parent: KeyedTable): MemoryKeyedTable {
    const table = this.#tables.get(parent.name);
    if (table === undefined || table !== parent) throw new SqlError("BUG", `the state table '${parent.name}' is not of this operator`);
    return table;
  }
}

/** The state of one operator, empty. */
export function createOperatorState(options: OperatorStateOptions): MemoryOperatorState {
  return new MemoryOperatorState(options);
}
