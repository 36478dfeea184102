import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn } from "../../batch/take.ts";
import type { RowLists, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { SessionTvfSpec } from "../spec.ts";
import { rowFields, stateKeys } from "../state-names.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { viewOf } from "./join-output.ts";
import { nearby } from "./nearby.ts";
import { SessionTimers } from "./session-timers.ts";
import { Sessions } from "./sessions.ts";
import { millisOf } from "./watermark.ts";
import { windowClock, windowTime, type WindowClock, type WindowTime } from "./windows.ts";

/** Wall-clock time of a stored row: which session of its partition it is in. */
const TIME: StateField = { name: "$time", type: T.double(false), initial: 0 };

/**
 * Rows with their session: they wait until it closes, since only then its start and end are known. The sessions of a
 * partition never overlap, so that a row's time tells its session, also when sessions have merged.
 */
class SessionTvf implements FiringOperator {
  readonly #spec: SessionTvfSpec;
  readonly #context: OperatorContext;
  readonly #clock: WindowClock;
  readonly #timeOf: WindowTime;
  readonly #sessions: Sessions;
  readonly #rows: RowLists;
  /** Input columns that the rows hold; the others are the partition's. */
  readonly #stored: readonly number[];
  readonly prepare: Operator["prepare"];
  #timers: SessionTimers | undefined;
  #watermark: number;
  #partitions = new Int32Array(0);

  constructor(spec: SessionTvfSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#clock = windowClock(spec.ltzZone);
    this.#timeOf = windowTime(this.#clock, spec.processingTime, () => context.nowMillis());
    const keys = stateKeys(spec.partition, spec.input, spec.inputNames);
    this.#sessions = new Sessions(context.state, keys, spec.gapMillis);
    this.#stored = spec.input.map((_, i) => i).filter((i) => !spec.partition.includes(i));
    const fields = [...rowFields(this.#stored, spec.input, spec.inputNames, undefined), TIME];
    this.#rows = context.state.lists(this.#sessions.table, "rows", fields);
    this.prepare = nearby(context.state);
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const timers = (this.#timers ??= new SessionTimers(this.#sessions, this.#clock));
    const firing = new FiringOutput(out);
    this.#partitions = roomFor(this.#partitions, rowCount);
    const times =
      rowCount === 0 ? undefined : this.#clock.toLocal(millisOf(batch.columns[this.#spec.time]!, rowCount), rowCount);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) from = this.#assign(batch, times, from, steps.rows[k]!, timers);
      this.#watermark = steps.watermarks[k]!;
      if (timers.first <= this.#watermark) this.#fire(timers.due(this.#watermark), firing);
      firing.advance(this.#watermark);
    }
    if (times !== undefined) this.#assign(batch, times, from, rowCount, timers);
    firing.finish();
  }

  waiting(): Waiting {
    return { what: "windows", count: this.#sessions.lists.liveCount, nextMillis: this.nextFire() };
  }

  nextFire(): number {
    return (this.#timers ??= new SessionTimers(this.#sessions, this.#clock)).first;
  }

  /** Puts rows `from` … `to` − 1 into the sessions of their partitions. */
  #assign(batch: RecordBatch, times: Float64Array, from: number, to: number, timers: SessionTimers): number {
    if (to <= from) return from;
    const { table } = this.#sessions;
    const count = to - from;
    const rows = Int32Array.from({ length: count }, (_, i) => from + i);
    const keys = this.#spec.partition.map((key) => batch.columns[key]!);
    void table.prepare(keys, rows, count, this.#partitions);
    table.touch(this.#partitions, count);
    const stored = this.#stored.map((column) => batch.columns[column]!);
    const { nulls } = batch.columns[this.#spec.time]!;
    for (let i = 0; i < count; i++) {
      const row = from + i;
      if (nulls?.[row] === 1) this.#context.count("nullTimeRows", 1);
      else this.#add(this.#partitions[i]!, times[row]!, batch, stored, row, timers);
    }
    for (let i = 0; i < count; i++) {
      const partition = this.#partitions[i]!;
      if (table.isLive(partition) && this.#sessions.lists.count(partition) === 0) table.remove(partition);
    }
    return to;
  }

  #add(
    partition: number,
    time: number,
    batch: RecordBatch,
    stored: readonly Column[],
    row: number,
    timers: SessionTimers,
  ): void {
    const sessions = this.#sessions;
    const found = sessions.touching(partition, time);
    if (this.#clock.fireTime(sessions.endWith(found, time)) <= this.#watermark) {
      this.#context.late(batch, row);
      return;
    }
    if (found.length === 0) timers.opened(sessions.open(partition, time));
    else sessions.extend(found[0]!, time, found.slice(1));
    const rowSlot = this.#rows.append(partition, stored, row);
    this.#times()[rowSlot] = time;
  }

  /** By row slot; another array after rows were added. */
  #times(): Float64Array {
    return (this.#rows.columns[this.#stored.length] as { values: Float64Array }).values;
  }

  #fire(due: readonly number[], out: Output): void {
    const rows: number[] = [];
    const owners: number[] = [];
    const times = this.#times();
    const [starts, ends] = [this.#sessions.starts(), this.#sessions.ends()];
    for (const session of due) {
      const partition = this.#sessions.lists.parentOf(session);
      for (let row = this.#rows.head(partition); row >= 0; row = this.#rows.next(row)) {
        if (times[row]! < starts[session]! || times[row]! >= ends[session]!) continue;
        rows.push(row);
        owners.push(session);
      }
    }
    for (let at = 0; at < rows.length; at += BATCH_ROWS) {
      const part = (list: readonly number[]): Int32Array => Int32Array.from(list.slice(at, at + BATCH_ROWS));
      this.#emit(part(rows), part(owners), out);
    }
    for (const row of rows) this.#rows.removeRow(row);
    for (const session of due) this.#sessions.close(session);
  }

  #emit(rows: Int32Array, owners: Int32Array, out: Output): void {
    const count = rows.length;
    const { lists, table } = this.#sessions;
    const keys = table.gatherKeys(
      owners.map((session) => lists.parentOf(session)),
      count,
    );
    const columns = this.#spec.input.map((_, column): Column => {
      const key = this.#spec.partition.indexOf(column);
      return key >= 0 ? keys[key]! : takeColumn(viewOf(this.#rows.columns[this.#stored.indexOf(column)]!), rows, count);
    });
    const [starts, ends] = [this.#sessions.starts(), this.#sessions.ends()];
    const window = (valueOf: (session: number) => number): Column => ({
      storage: "f64",
      values: Float64Array.from(owners, valueOf),
      nulls: undefined,
    });
    const windows = [
      window((session) => starts[session]!),
      window((session) => ends[session]!),
      window((session) => this.#timeOf(ends[session]!)),
    ];
    out.batch({ rowCount: count, columns: [...columns, ...windows], kinds: undefined, steps: undefined });
  }
}

/** SESSION(TABLE …) whose rows are not aggregated by their session. */
export const SESSION_TVF: OperatorDefinition<SessionTvfSpec> = {
  kind: "session-tvf",
  create(spec, context) {
    const operator = new SessionTvf(spec, context);
    const { time, input } = spec;
    return spec.processingTime === true ? new InProcessingTime(operator, { time, input }, context) : operator;
  },
};
