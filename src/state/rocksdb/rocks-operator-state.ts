import { assert } from "../../base/assert.ts";
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
} from "../api.ts";
import { MemoryChildMap } from "../child-map.ts";
import { MemoryKeyedTable } from "../keyed-table.ts";
import { childSchema, createOperatorState, tableSchema } from "../operator-state.ts";
import type { Pace } from "../pace.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import { MemoryRowLists } from "../row-lists.ts";
import { MemorySlicedTable, type Slice, type SliceWatcher } from "../sliced-table.ts";
import type { PartSchema } from "../snapshot-manifest.ts";
import type { Clock } from "../ttl.ts";
import type { RoundMember } from "./checkpoint-round.ts";
import type { RecordStore } from "./database.ts";
import { evolveTable } from "./evolve.ts";
import { KeyLayout } from "./key-layout.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { ChildDeclaration, TableDeclaration } from "./schema-tables.ts";
import { RocksTable, type TableContext } from "./rocks-table.ts";
import { sliceEnds } from "./slice-ends.ts";
import { partsOf } from "./slice-parts.ts";
import type { TableRegistry } from "./table-registry.ts";

/** Time between two looks for expired records in the database. */
const SWEEP_PAUSE_MILLIS = 1000;

/** What the operators of a thread share. */
export interface SharedState {
  readonly database: RecordStore;
  readonly writer: RecordWriter;
  readonly registry: TableRegistry;
  readonly clock: Clock;
  readonly maxParallelism: number;
  /** The key groups of the thread. */
  readonly keyGroups: KeyGroupRange;
  /** There is more in memory than should be. */
  isShort(operator: RocksOperatorState): boolean;
  /** Makes room for the operator's next batch; see `OperatorState.makeRoom`. */
  makeRoom(operator: RocksOperatorState): Promise<void> | undefined;
}

/** Slices of one declaration. */
interface Sliced {
  readonly table: MemorySlicedTable;
  number: number;
  readonly open: Map<Slice, RocksTable>;
  /** The database holds slices that are not in memory yet. */
  restored: boolean;
}

/** A table as it was declared, and how it gets another number. */
interface Declared {
  readonly kind: TableDeclaration["kind"];
  readonly spec: TableSpec;
  readonly children: ChildDeclaration[];
  readonly renumber: (number: number) => void;
}

/** Dropped ranges that the database has not heard of wait for the end of a checkpoint's window. */
type Range = readonly [from: Uint8Array, to: Uint8Array];

/** State of one operator: tables in memory in front of the records in the thread's database. */
export class RocksOperatorState implements OperatorState, RoundMember {
  readonly behind = true;
  readonly operatorId: string;
  readonly #shared: SharedState;
  readonly #memory;
  readonly #context: TableContext;
  readonly #tables = new Map<KeyedTable, RocksTable>();
  readonly #sliced: Sliced[] = [];
  /** By name. */
  readonly #declared = new Map<string, Declared>();
  /** Slices that were dropped while they were frozen for a checkpoint. */
  #retiring: RocksTable[] = [];
  #droppedRanges: Range[] = [];
  readonly #numbers = new Map<string, () => number>();
  #completing = true;
  #isNear = false;
  /** When expired records are looked for again. */
  #nextSweep = 0;

  constructor(operatorId: string, shared: SharedState) {
    this.operatorId = operatorId;
    this.#shared = shared;
    const { clock, maxParallelism, database, writer } = shared;
    this.#memory = createOperatorState({ clock, maxParallelism });
    this.#context = { reading: database, writer, frozen: false, busy: false };
  }

  table(spec: TableSpec): KeyedTable {
    const table = this.#memory.table(spec);
    assert(table instanceof MemoryKeyedTable, "a table in memory");
    const declared = { schema: tableSchema("table", spec), fields: spec.fields };
    const { number, restored } = this.#shared.registry.declare(this.operatorId, declared);
    const layout = new KeyLayout(number, undefined, table.keyColumns, this.#shared.maxParallelism, spec.groupKeys);
    const renumber = (to: number): void => layout.renumber(to);
    this.#declared.set(spec.name, { kind: "table", spec, children: [], renumber });
    this.#tables.set(table, new RocksTable(table, layout, this.#context, { resident: spec.resident, restored }));
    return table;
  }

  lists(parent: KeyedTable, name: string, fields: readonly StateField[]): RowLists {
    const lists = this.#memory.lists(parent, name, fields);
    assert(lists instanceof MemoryRowLists, "lists in memory");
    const { ttlMillis } = lists.children.parentTable.spec;
    const schema = childSchema("lists", parent.name, name, { keys: [], fields, ttlMillis });
    this.#addChild(parent, { kind: "lists", name, fields }, schema, fields).addChild(lists.children, undefined);
    return lists;
  }

  childMap(parent: KeyedTable, spec: ChildMapSpec): ChildMap {
    const map = this.#memory.childMap(parent, spec);
    assert(map instanceof MemoryChildMap, "a map in memory");
    const { ttlMillis } = map.children.parentTable.spec;
    const schema = childSchema("map", parent.name, spec.name, { ...spec, ttlMillis });
    this.#addChild(parent, { kind: "map", spec }, schema, spec.fields).addChild(map.children, map);
    return map;
  }

  #addChild(
    parent: KeyedTable,
    child: ChildDeclaration,
    schema: PartSchema,
    fields: readonly StateField[],
  ): RocksTable {
    const table = this.#tables.get(parent);
    assert(table !== undefined, `the state table '${parent.name}' is not of this operator`);
    this.#declared.get(parent.name)!.children.push(child);
    this.#shared.registry.declareChild(this.operatorId, { schema, fields });
    return table;
  }

  slices(spec: TableSpec, children: readonly ChildMapSpec[]): SlicedTable {
    const table = this.#memory.slices(spec, children);
    assert(table instanceof MemorySlicedTable, "slices in memory");
    const { registry } = this.#shared;
    const declared = { schema: tableSchema("slices", spec), fields: spec.fields };
    const { number, restored } = registry.declare(this.operatorId, declared);
    for (const child of children) {
      const schema = childSchema("map", spec.name, child.name, { ...child, ttlMillis: spec.ttlMillis });
      registry.declareChild(this.operatorId, { schema, fields: child.fields });
    }
    const sliced: Sliced = { table, number, open: new Map(), restored };
    this.#sliced.push(sliced);
    this.#declared.set(spec.name, {
      kind: "slices",
      spec,
      children: children.map((child) => ({ kind: "map", spec: child })),
      renumber: (to) => (sliced.number = to),
    });
    table.watcher = this.#watcher(sliced);
    return table;
  }

  #watcher(sliced: Sliced): SliceWatcher {
    const { open } = sliced;
    const { keyGroups, maxParallelism } = this.#shared;
    return {
      opened: (slice) => this.#opened(sliced, slice, false),
      dropped: (slice) => this.#dropped(sliced, slice),
      mayMiss: (slice) => open.get(slice)!.mayMiss,
      parts: (slices) =>
        partsOf(new Map(slices.map((slice) => [slice.endMillis, open.get(slice)!])), keyGroups, maxParallelism),
    };
  }

  #opened(sliced: Sliced, slice: Slice, restored: boolean): void {
    const { maxParallelism } = this.#shared;
    const { keyColumns, spec } = slice.table;
    const layout = new KeyLayout(sliced.number, slice.endMillis, keyColumns, maxParallelism, spec.groupKeys);
    const table = new RocksTable(slice.table, layout, this.#context, { resident: spec.resident, restored });
    for (const map of slice.children) table.addChild(map.children, map);
    sliced.open.set(slice, table);
  }

  #dropped(sliced: Sliced, slice: Slice): void {
    const table = sliced.open.get(slice);
    sliced.open.delete(slice);
    if (table === undefined || !table.isWritten) return;
    if (table.hasPending) this.#retiring.push(table);
    this.#droppedRanges.push(table.records.layout.range(0, this.#shared.maxParallelism));
  }

  /** Brings what was restored into the form that is declared, where that is another one. Before the first batch. */
  async evolve(): Promise<void> {
    const { registry, database, writer, keyGroups, maxParallelism, clock } = this.#shared;
    for (const { name, stored, number } of registry.evolving(this.operatorId)) {
      const declared = this.#declared.get(name)!;
      await evolveTable(
        stored,
        { ...declared, number },
        { reading: database, writer, keyGroups, maxParallelism, clock },
      );
      declared.renumber(number);
    }
  }

  number(name: string, meet: NumberMeeting, initial: number, current: () => number): number {
    assert(!this.#numbers.has(name), `the state '${name}' is declared twice`);
    this.#numbers.set(name, current);
    const restored = this.#shared.registry.takeNumbers(this.operatorId, name);
    if (restored.length === 0) return initial;
    return meet === "lowest" ? Math.min(...restored) : Math.max(...restored);
  }

  memoryBytes(): number {
    return this.#memory.memoryBytes();
  }

  get hasTables(): boolean {
    return this.#tables.size > 0 || this.#sliced.length > 0;
  }

  /** False: everything that a batch may ask for is in memory, and it may begin. */
  mayWait(): boolean {
    if (this.#completing && this.#mustComplete()) return true;
    if (this.#shared.isShort(this)) return true;
    for (const table of this.#allTables()) if (table.mayMiss) return true;
    this.#context.busy = true;
    this.#isNear = true;
    return false;
  }

  /** What operators keep references into is in memory: a first batch may come, or has come. */
  get isNear(): boolean {
    return this.#isNear || !this.hasTables;
  }

  #mustComplete(): boolean {
    for (const table of this.#tables.values()) if (!table.isComplete) return true;
    return this.#sliced.some(({ restored }) => restored);
  }

  makeRoom(): Promise<void> | undefined {
    this.#context.busy = true;
    const completing = this.#completing ? this.#complete() : undefined;
    this.dropLeaving();
    const sweeping = this.#sweepIsDue() ? this.#sweep(completing) : completing;
    if (sweeping !== undefined) return sweeping.then(async () => this.#roomWhenNear());
    return this.#roomWhenNear();
  }

  #roomWhenNear(): Promise<void> | undefined {
    this.#isNear = true;
    return this.#shared.makeRoom(this);
  }

  #sweepIsDue(): boolean {
    const now = this.#shared.clock.nowMillis();
    if (now < this.#nextSweep) return false;
    for (const table of this.#tables.values()) if (table.maySweep) return true;
    return false;
  }

  async #sweep(before: Promise<void> | undefined): Promise<void> {
    await before;
    this.#nextSweep = this.#shared.clock.nowMillis() + SWEEP_PAUSE_MILLIS;
    for (const table of this.#tables.values()) if (table.maySweep) await table.sweep();
  }

  /** After a restore: what operators keep references into comes into memory before the first batch. */
  #complete(): Promise<void> | undefined {
    this.#completing = false;
    const waits: Promise<void>[] = [];
    for (const table of this.#tables.values()) {
      const wait = table.complete(this.#shared.maxParallelism);
      if (wait !== undefined) waits.push(wait);
    }
    for (const sliced of this.#sliced) if (sliced.restored) waits.push(this.#completeSlices(sliced));
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  async #completeSlices(sliced: Sliced): Promise<void> {
    sliced.restored = false;
    for await (const end of sliceEnds(this.#shared.database, sliced.number)) {
      sliced.table.watcher = undefined;
      sliced.table.slice(end);
      const slice = sliced.table.all().find((each) => each.endMillis === end)!;
      sliced.table.watcher = this.#watcher(sliced);
      this.#opened(sliced, slice, true);
      await sliced.open.get(slice)!.complete(this.#shared.maxParallelism);
    }
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const table of this.#allTables()) bytes += table.usedBytes;
    return bytes;
  }

  get droppableBytes(): number {
    let bytes = 0;
    for (const table of this.#allTables()) bytes += table.droppableBytes;
    return bytes;
  }

  get removedCount(): number {
    let count = this.#droppedRanges.length;
    for (const table of this.#allTables()) count += table.removedCount;
    return count;
  }

  /** A batch is in hand, and what it asked for must stay. */
  get busy(): boolean {
    return this.#context.busy;
  }

  get isFrozen(): boolean {
    return this.#context.frozen;
  }

  evict(bytes: number): void {
    const total = this.droppableBytes;
    if (total === 0) return;
    this.sendRemoved();
    for (const table of this.#allTables()) {
      const own = table.droppableBytes;
      if (own > 0) table.evict((bytes * own) / total);
    }
  }

  dropLeaving(): void {
    for (const table of this.#allTables()) table.dropLeaving();
  }

  /** Tells the writer of what is gone, where that is allowed now. */
  sendRemoved(): void {
    if (this.#context.frozen) return;
    this.#sendRanges();
    for (const table of this.#allTables()) table.sendRemoved();
  }

  #sendRanges(): void {
    const { writer } = this.#shared;
    for (const [from, to] of this.#droppedRanges) writer.removeRange(from, to);
    this.#droppedRanges = [];
  }

  /** The barrier has passed: what is newer in memory than in the database is set apart. Returns the numbers of this moment. */
  freeze(): Record<string, string> {
    this.#sendRanges();
    for (const table of this.#allTables()) table.freeze();
    this.#context.frozen = true;
    this.#context.busy = false;
    return Object.fromEntries([...this.#numbers].map(([name, current]) => [name, String(current())]));
  }

  /** Something was declared: there is state to write. */
  get hasState(): boolean {
    return this.#tables.size > 0 || this.#sliced.length > 0 || this.#numbers.size > 0;
  }

  async writeFrozen(pace: Pace): Promise<void> {
    const retiring = this.#retiring;
    for (const table of [...this.#allTables(), ...retiring]) await table.writeFrozen(pace);
    this.#retiring = this.#retiring.filter((table) => table.hasPending);
  }

  thaw(): void {
    this.#context.frozen = false;
    this.#retiring = [];
    for (const table of this.#allTables()) table.thaw();
  }

  *#allTables(): Generator<RocksTable> {
    yield* this.#tables.values();
    for (const { open } of this.#sliced) yield* open.values();
  }
}
