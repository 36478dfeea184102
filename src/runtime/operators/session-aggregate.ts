import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import type { ChildMap, KeyedTable, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, ResultLoop } from "../aggregate-loops.ts";
import { layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { SessionAggregateSpec, WindowProperty } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { AccumulatorMerge } from "./accumulator-merge.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { nearby } from "./nearby.ts";
import { SEVERAL, Sessions } from "./sessions.ts";
import { SessionTimers } from "./session-timers.ts";
import { millisOf } from "./watermark.ts";
import { windowClock, windowTime, type WindowClock, type WindowTime } from "./windows.ts";

/** Rows of the group; only kept when rows may be taken away. */
const ROW_COUNT: StateField = {
  name: "rows",
  type: T.double(false),
  initial: 0,
  missing: "the input takes rows back now, and the rows of each key were not counted before",
};

/**
 * Aggregates per session and key. Sessions belong to a partition; the groups of a session are the keys outside the
 * partition (none of them: one group), addressed by the partition and the session's number. Numbers alone may meet in
 * one task after a change of parallelism, and the partition decides which task that is.
 */
class SessionAggregate implements FiringOperator {
  readonly #spec: SessionAggregateSpec;
  readonly #context: OperatorContext;
  readonly #clock: WindowClock;
  readonly #timeOf: WindowTime;
  readonly #layout: AggregateLayout;
  readonly #sessions: Sessions;
  /** Keys (positions in `spec.keys`) that are not of the partition. */
  readonly #extra: readonly number[];
  readonly #groups: KeyedTable;
  readonly #maps: readonly ChildMap[];
  readonly #distinct: DistinctEntries;
  readonly #accumulate: AccumulateLoop;
  readonly #merge: AccumulatorMerge;
  readonly #results: ResultLoop;
  /** The column with the rows of a group; undefined: no rows are taken away. */
  readonly #rowCount: number | undefined;
  readonly #resultColumns: readonly OutputColumn[];
  readonly prepare: Operator["prepare"];
  #timers: SessionTimers | undefined;
  /** Groups by session (row slot). */
  #groupsOf: Map<number, number[]> | undefined;
  #watermark: number;
  #sequence: number;
  #partitions = new Int32Array(0);
  #range = new Int32Array(0);
  #slots = new Int32Array(0);
  // Rows that have a session but are not accumulated yet, and their sessions.
  #rows = new Int32Array(0);
  #owners = new Int32Array(0);
  #pending = 0;

  constructor(spec: SessionAggregateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#clock = windowClock(spec.ltzZone);
    this.#timeOf = windowTime(this.#clock, spec.processingTime, () => context.nowMillis());
    const retracting = spec.retracting === true;
    this.#layout = layoutAggregates(spec.aggregates, context.functions, retracting, spec.inputNames);
    const fields = retracting ? [...this.#layout.fields, ROW_COUNT] : this.#layout.fields;
    this.#rowCount = retracting ? fields.length - 1 : undefined;
    const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
    const keyOf = (position: number) => keys[position]!;
    this.#sessions = new Sessions(context.state, spec.partition.map(keyOf), spec.gapMillis);
    this.#extra = spec.keys.map((_, i) => i).filter((i) => !spec.partition.includes(i));
    this.#groups = context.state.table({
      name: "groups",
      keys: [...spec.partition.map(keyOf), { name: "$session", type: T.double(false) }, ...this.#extra.map(keyOf)],
      groupKeys: spec.partition.length,
      fields,
      ttlMillis: 0,
      resident: "always",
    });
    this.prepare = nearby(context.state);
    this.#maps = this.#layout.children.map((child) => context.state.childMap(this.#groups, child));
    this.#distinct = new DistinctEntries(this.#layout);
    const loops = new AggregateLoops(this.#layout, spec.input, context.session, fields);
    this.#accumulate = loops.accumulate(this.#rowCount);
    this.#merge = new AccumulatorMerge(this.#layout, loops);
    this.#results = loops.results();
    this.#resultColumns = loops.outputColumns();
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const timers = (this.#timers ??= new SessionTimers(this.#sessions, this.#clock));
    this.#rows = roomFor(this.#rows, rowCount);
    this.#owners = roomFor(this.#owners, rowCount);
    const times = rowCount === 0 ? undefined : this.#times(batch);
    const firing = new FiringOutput(out);
    const partitionKeys = this.#spec.partition.map((key) => batch.columns[this.#spec.keys[key]!]!);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) from = this.#assign(batch, partitionKeys, times, from, steps.rows[k]!, timers);
      const watermark = steps.watermarks[k]!;
      this.#watermark = watermark;
      if (timers.first <= watermark) {
        this.#flush(batch);
        this.#fire(timers, firing);
      }
      firing.advance(watermark);
    }
    if (times !== undefined) this.#assign(batch, partitionKeys, times, from, rowCount, timers);
    this.#flush(batch);
    this.#sequence += rowCount;
    firing.finish();
  }

  /** A session that was extended closes later than its first timer says. */
  waiting(): Waiting {
    return { what: "windows", count: this.#sessions.lists.liveCount, nextMillis: this.nextFire() };
  }

  nextFire(): number {
    return (this.#timers ??= new SessionTimers(this.#sessions, this.#clock)).first;
  }

  #times(batch: RecordBatch): Float64Array {
    const column = batch.columns[this.#spec.time]!;
    if (column.nulls?.subarray(0, batch.rowCount).includes(1) === true) {
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL", {
        hint: "filter such rows out below the window",
      });
    }
    return this.#clock.toLocal(millisOf(column, batch.rowCount), batch.rowCount);
  }

  /** Finds or makes the session of rows `from` … `to` − 1. */
  #assign(
    batch: RecordBatch,
    partitionKeys: readonly Column[],
    times: Float64Array,
    from: number,
    to: number,
    timers: SessionTimers,
  ): number {
    if (to <= from) return from;
    const sessions = this.#sessions;
    // Few rows at a time, between two steps of the watermark: nothing is made anew.
    const count = to - from;
    this.#partitions = roomFor(this.#partitions, count);
    this.#range = roomFor(this.#range, count);
    for (let i = 0; i < count; i++) this.#range[i] = from + i;
    void sessions.table.prepare(partitionKeys, this.#range, count, this.#partitions);
    sessions.table.touch(this.#partitions, count);
    for (let row = from; row < to; row++) {
      const partition = this.#partitions[row - from]!;
      const time = times[row]!;
      let session = sessions.joined(partition, time);
      const several = session === SEVERAL ? sessions.touching(partition, time) : undefined;
      const end = several === undefined ? sessions.endOf(session, time) : sessions.endWith(several, time);
      if (this.#clock.fireTime(end) <= this.#watermark) {
        this.#context.late(batch, row);
        continue;
      }
      if (several !== undefined) {
        session = several[0]!;
        this.#mergeGroups(batch, several);
        sessions.extend(session, time, several.slice(1));
      } else if (session >= 0) sessions.extend(session, time);
      else {
        session = sessions.open(partition, time);
        timers.opened(session);
      }
      this.#rows[this.#pending] = row;
      this.#owners[this.#pending++] = session;
    }
    for (let i = 0; i < count; i++) {
      const partition = this.#partitions[i]!;
      if (sessions.table.isLive(partition) && sessions.lists.count(partition) === 0) sessions.table.remove(partition);
    }
    return to;
  }

  /** Adds the groups of all but the first session to those of the first. */
  #mergeGroups(batch: RecordBatch, found: readonly number[]): void {
    this.#flush(batch);
    const groupsOf = this.#openGroups();
    const target = found[0]!;
    for (const other of found.slice(1)) {
      const groups = groupsOf.get(other) ?? [];
      groupsOf.delete(other);
      const slots = Int32Array.from(groups);
      const into = this.#slotsLike(target, slots);
      this.#merge.addSlots(this.#groups, this.#maps, slots, this.#groups, this.#maps, into, slots.length);
      for (const slot of groups) this.#groups.remove(slot);
    }
  }

  /** The slots of a session for the keys of other groups of its partition. */
  #slotsLike(session: number, groups: Int32Array): Int32Array {
    const count = groups.length;
    const keys = this.#groups.gatherKeys(groups, count);
    const number = this.#sessions.ids()[session]!;
    keys[this.#spec.partition.length] = {
      storage: "f64",
      values: new Float64Array(count).fill(number),
      nulls: undefined,
    };
    const slots = new Int32Array(count);
    void this.#groups.prepare(keys, undefined, count, slots);
    for (let i = 0; i < count; i++) this.#rememberGroup(session, slots[i]!);
    return slots;
  }

  #rememberGroup(session: number, slot: number): void {
    const known = this.#openGroups().get(session);
    if (known === undefined) this.#openGroups().set(session, [slot]);
    else if (known[known.length - 1] !== slot && !known.includes(slot)) known.push(slot);
  }

  /** Accumulates the rows that are assigned. */
  #flush(batch: RecordBatch): void {
    const count = this.#pending;
    if (count === 0) return;
    this.#pending = 0;
    const groupsOf = this.#openGroups();
    const slots = (this.#slots = roomFor(this.#slots, count));
    // Row i of the loop is row rows[i] of the batch; the session numbers are placed to match.
    const numbers = new Float64Array(batch.rowCount);
    const ids = this.#sessions.ids();
    for (let i = 0; i < count; i++) numbers[this.#rows[i]!] = ids[this.#owners[i]!]!;
    const keyColumn = (key: number): Column => batch.columns[this.#spec.keys[key]!]!;
    const keys: Column[] = [
      ...this.#spec.partition.map(keyColumn),
      { storage: "f64", values: numbers, nulls: undefined },
      ...this.#extra.map(keyColumn),
    ];
    void this.#groups.prepare(keys, this.#rows, count, slots);
    this.#groups.touch(slots, count);
    for (let i = 0; i < count; i++) {
      if (this.#extra.length > 0 || !groupsOf.has(this.#owners[i]!)) this.#rememberGroup(this.#owners[i]!, slots[i]!);
    }
    this.#distinct.prepare(this.#maps, batch.columns, batch.rowCount, this.#rows, slots, count);
    this.#accumulate(
      {
        rows: this.#rows,
        slots,
        kinds: this.#rowCount === undefined ? undefined : batch.kinds,
        columns: batch.columns,
        table: this.#groups.columns,
        maps: this.#maps,
        entries: this.#distinct.entries,
        sequence: this.#sequence,
      },
      0,
      count,
    );
  }

  /** Closes the sessions that the watermark has passed, by ascending end. */
  #fire(timers: SessionTimers, out: Output): void {
    const sessions = this.#sessions;
    const due = timers.due(this.#watermark);
    const groups: number[] = [];
    const owners: number[] = [];
    const emptied: number[] = [];
    for (const session of due) {
      const slots = this.#openGroups().get(session) ?? [];
      for (const slot of slots.sort((a, b) => a - b)) {
        if (this.#isEmpty(slot)) emptied.push(slot);
        else {
          groups.push(slot);
          owners.push(session);
        }
      }
    }
    for (let at = 0; at < groups.length; at += BATCH_ROWS) {
      this.#emit(
        Int32Array.from(groups.slice(at, at + BATCH_ROWS)),
        Int32Array.from(owners.slice(at, at + BATCH_ROWS)),
        out,
      );
    }
    for (const slot of [...groups, ...emptied]) this.#groups.remove(slot);
    for (const session of due) {
      this.#openGroups().delete(session);
      sessions.close(session);
    }
  }

  /** All rows of the group were taken away again. */
  #isEmpty(slot: number): boolean {
    if (this.#rowCount === undefined) return false;
    return (this.#groups.columns[this.#rowCount] as { readonly values: Float64Array }).values[slot]! <= 0;
  }

  #emit(groups: Int32Array, owners: Int32Array, out: Output): void {
    const count = groups.length;
    const { lists, table } = this.#sessions;
    for (const column of this.#resultColumns) column.reserve(count);
    this.#results(this.#groups.columns, groups, count, this.#resultColumns);
    const partitionKeys = table.gatherKeys(
      owners.map((session) => lists.parentOf(session)),
      count,
    );
    const extraKeys = this.#groups.gatherKeys(groups, count).slice(this.#spec.partition.length + 1);
    const keys = this.#spec.keys.map((_, i) => {
      const inPartition = this.#spec.partition.indexOf(i);
      return inPartition >= 0 ? partitionKeys[inPartition]! : extraKeys[this.#extra.indexOf(i)]!;
    });
    const properties = this.#spec.properties.map((property): Column => ({
      storage: "f64",
      values: Float64Array.from(owners, this.#reader(property)),
      nulls: undefined,
    }));
    const columns = [...keys, ...this.#resultColumns.map((column) => column.finish(count)), ...properties];
    out.batch({ rowCount: count, columns, kinds: undefined, steps: undefined });
  }

  #reader(property: WindowProperty): (session: number) => number {
    const starts = this.#sessions.starts();
    const ends = this.#sessions.ends();
    if (property === "start") return (session) => starts[session]!;
    return property === "end" ? (session) => ends[session]! : (session) => this.#timeOf(ends[session]!);
  }

  #openGroups(): Map<number, number[]> {
    if (this.#groupsOf !== undefined) return this.#groupsOf;
    const groupsOf = (this.#groupsOf = new Map<number, number[]>());
    const { partition } = this.#spec;
    const slots = this.#groups.liveSlots();
    const keys = this.#groups.gatherKeys(slots, slots.length);
    const partitions = new Int32Array(slots.length);
    void this.#sessions.table.find(keys.slice(0, partition.length), undefined, slots.length, partitions);
    const { values: numbers } = keys[partition.length] as { readonly values: Float64Array };
    slots.forEach((slot, i) => {
      const session = this.#sessions.withId(partitions[i]!, numbers[i]!);
      const known = groupsOf.get(session);
      if (known === undefined) groupsOf.set(session, [slot]);
      else known.push(slot);
    });
    return groupsOf;
  }
}

/** GROUP BY over SESSION windows. */
export const SESSION_AGGREGATE: OperatorDefinition<SessionAggregateSpec> = {
  kind: "session-aggregate",
  create(spec, context) {
    const operator = new SessionAggregate(spec, context);
    const { time, input } = spec;
    return spec.processingTime === true ? new InProcessingTime(operator, { time, input }, context) : operator;
  },
};
