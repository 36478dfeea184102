import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import type { AccumulatorAccess, SessionFacts } from "../functions/define.ts";
import type { ChildMap, StateColumn, StateField } from "../state/api.ts";
import { storageOf, type DataType } from "../types/data-type.ts";
import { compareOf, nullsFirst } from "../types/value-compare.ts";
import { equalBytes } from "../batch/bytes.ts";
import type { AggregateLayout, AggregateUnit } from "./aggregate-layout.ts";
import { LoopSource } from "./loop-source.ts";
import { createOutputColumn, type OutputColumn } from "./output-columns.ts";

/** What every loop over input rows gets: the rows, their slots, and the state behind them. */
export interface LoopInput {
  /** Row i of the loop is row `rows[i]` of the columns; undefined: row i. Only read by `AccumulateLoop`. */
  readonly rows: Int32Array | undefined;
  readonly slots: Int32Array;
  readonly kinds: Uint8Array | undefined;
  readonly columns: readonly Column[];
  /** Columns of the keyed table. */
  readonly table: readonly StateColumn[];
  /** One per distinct set. */
  readonly maps: readonly ChildMap[];
  /** Entries of the distinct sets by row (of the columns); −1: the row is not in the set. */
  readonly entries: readonly Int32Array[];
  /** Sequence number of row 0. */
  readonly sequence: number;
}

/** Adds the rows `from` … `to` − 1 to their accumulators. */
export type AccumulateLoop = (input: LoopInput, from: number, to: number) => void;

/** Where an updating aggregate writes its changes. */
export interface ChangeOutput {
  readonly columns: readonly OutputColumn[];
  readonly kinds: Uint8Array;
  /** The input row that made each change. */
  readonly rows: Int32Array;
}

/** As `AccumulateLoop`, and writes the change of each row; returns how many rows it wrote (up to two a row, one slot more is used). */
export type UpdateLoop = (input: LoopInput, from: number, to: number, output: ChangeOutput) => number;

/** Adds accumulators at `fromSlots` to those at `toSlots`, pair by pair. */
export type MergeLoop = (
  fromTable: readonly StateColumn[],
  fromSlots: Int32Array,
  toTable: readonly StateColumn[],
  toSlots: Int32Array,
  count: number,
) => void;

/** Writes the results of `slots[0 .. count)` as rows 0 … */
export type ResultLoop = (
  table: readonly StateColumn[],
  slots: Int32Array,
  count: number,
  columns: readonly OutputColumn[],
) => void;

/** Generates the loops over one layout. The table's columns are the layout's, then (for updates) the number of rows. */
export class AggregateLoops {
  readonly #layout: AggregateLayout;
  readonly #inputTypes: readonly DataType[];
  readonly #session: SessionFacts;
  readonly #fields: readonly StateField[];

  /** `fields`: all columns of the table, the layout's first. */
  constructor(
    layout: AggregateLayout,
    inputTypes: readonly DataType[],
    session: SessionFacts,
    fields: readonly StateField[],
  ) {
    this.#layout = layout;
    this.#inputTypes = inputTypes;
    this.#session = session;
    this.#fields = fields;
  }

  /** A column to write the results of each call into. */
  outputColumns(): OutputColumn[] {
    return this.#layout.unitOf.map((unit) => {
      const { types, function: fn } = this.#layout.units[unit]!;
      const source = this.#source();
      const never =
        fn.resultIsNull?.(this.#accumulators(source, "a", "s", this.#layout.units[unit]!), types, source) === "false";
      return createOutputColumn(storageOf(types.result), !never);
    });
  }

  /** `rowCount`: the column that counts the rows of a slot; undefined: nobody asks. */
  accumulate(rowCount: number | undefined): AccumulateLoop {
    const source = this.#source();
    const count = rowCount === undefined ? undefined : this.#fieldAccess(source, rowCount);
    const { retracting } = this.#layout;
    const changes = (sign: "+" | "-"): string =>
      `${this.#changes(source, sign)} ${count === undefined ? "" : count.set(0, `${count.get(0)} ${sign} 1`)}`;
    const plus = changes("+");
    const change = retracting
      ? `if (kinds !== undefined && (kinds[i] === 1 || kinds[i] === 3)) { ${changes("-")} } else { ${plus} }`
      : plus;
    const body = `for (let at = from; at < to; at++) {
      const i = rows === undefined ? at : rows[at], s = slots[at];
      ${change}
    }`;
    return source.compile("{ rows, slots, kinds, columns, table: a, maps, entries, sequence }, from, to", body);
  }

  /**
   * `rowCount`: the column with the number of rows of the slot (append-only: 0 or 1). `always`: emit although the result
   * is the same, to renew the state of operators behind (a time to live is set).
   */
  update(rowCount: number, updateBefore: boolean, always: boolean): UpdateLoop {
    const { retracting } = this.#layout;
    const source = this.#source();
    const live = this.#fieldAccess(source, rowCount);
    const [oldAt, newAt] = updateBefore ? ["k", "k + 1"] : ["k + 1", "k"];
    const old = this.#results(source, "x");
    const fresh = this.#results(source, "y");
    const same = always ? "" : `if (${this.#sameResults(source)}) continue;`;
    const change = updateBefore
      ? "outKinds[k] = 1; outRows[k] = i; outKinds[k + 1] = 2; outRows[k + 1] = i; k += 2;"
      : "outKinds[k] = 2; outRows[k] = i; k += 1;";
    const remove = (): string => `if (${live.get(0)} === 1) {
        { const x = k; ${old} }
        outKinds[k] = 3; outRows[k] = i; k += 1;
        ${live.set(0, "0")} ${this.#reset(source)}
        continue;
      }
      { const x = ${oldAt}; ${old} }
      ${live.set(0, `${live.get(0)} - 1`)} ${this.#changes(source, "-")}`;
    const add = `if (!first) { const x = ${oldAt}; ${old} }
      ${live.set(0, retracting ? `${live.get(0)} + 1` : "1")} ${this.#changes(source, "+")}`;
    const body = `const outKinds = output.kinds, outRows = output.rows; let k = 0;
    for (let i = from; i < to; i++) {
      const s = slots[i], first = ${live.get(0)} === 0;
      ${retracting ? `if (kinds !== undefined && (kinds[i] === 1 || kinds[i] === 3)) { if (first) continue; ${remove()} } else { ${add} }` : add}
      const y = first ? k : ${newAt};
      ${fresh}
      if (first) { outKinds[k] = 0; outRows[k] = i; k += 1; continue; }
      ${same}
      ${change}
    }
    return k;`;
    this.#declareOutputs(source, "output.columns");
    return source.compile("{ slots, kinds, columns, table: a, maps, entries, sequence }, from, to, output", body);
  }

  merge(): MergeLoop {
    const source = this.#source();
    const merges = this.#layout.units.map((unit) => {
      if (unit.distinct !== undefined) return "";
      if (unit.function.merge === undefined)
        throw new SqlError("UNSUPPORTED", `${unit.function.name} in windows is not supported`);
      return `{ ${unit.function.merge(this.#accumulators(source, "b", "t", unit), this.#accumulators(source, "a", "s", unit), unit.types, source)} }`;
    });
    const hidden = this.#fields.slice(this.#layout.fields.length).map((_, i) => {
      const column = this.#layout.fields.length + i;
      const into = source.accumulators("b", "t", column, this.#fields);
      return into.set(0, `${into.get(0)} + ${source.accumulators("a", "s", column, this.#fields).get(0)}`);
    });
    return source.compile(
      "a, fromSlots, b, toSlots, count",
      `for (let i = 0; i < count; i++) { const s = fromSlots[i], t = toSlots[i]; ${merges.join("\n")} ${hidden.join("\n")} }`,
    );
  }

  /**
   * Adds the entries of a distinct set of another slot: for entry i (of `fromMap`) the arguments are in `columns`, the
   * entry of the same key in the target is `entries[i]`, the slot `slots[i]`.
   */
  mergeDistinct(set: number): (input: MergeDistinctInput, count: number) => void {
    const source = this.#source();
    source.declare("const from = fromMap.columns, into = intoMap.columns;");
    const parts = this.#layout.sets[set]!.filters.map((_, bit) => {
      const statements = this.#unitsOf(set, bit)
        .map((unit) => this.#addEntry(source, set, unit))
        .join(" ");
      return this.#layout.retracting
        ? `{ const n = from[${bit}].values[fromEntries[i]]; if (n > 0) { if (into[${bit}].values[e] === 0) { ${statements} } into[${bit}].values[e] += n; } }`
        : `if ((from[0].values[fromEntries[i]] & ~mask & ${1 << bit}) !== 0) { ${statements} }`;
    });
    const mask = this.#layout.retracting ? "" : "const mask = into[0].values[e];";
    const keep = this.#layout.retracting ? "" : "into[0].values[e] = mask | from[0].values[fromEntries[i]];";
    const body = `for (let i = 0; i < count; i++) { const s = slots[i], e = entries[i]; ${mask} ${parts.join("\n")} ${keep} }`;
    return source.compile(
      "{ columns, slots, table: a, fromMap, fromEntries, intoMap, entries, sequence }, count",
      body,
    );
  }

  /** Statements that add the values of entry `i`, which stand in the columns, to a distinct aggregate. */
  #addEntry(source: LoopSource, set: number, unit: AggregateUnit): string {
    const { args, argTypes } = this.#layout.sets[set]!;
    const handled = unit.function.nulls === "handled";
    const nulls: string[] = [];
    const values = unit.args.map((arg, k) => {
      const at = args.indexOf(arg);
      if (at < 0) return source.constant(unit.types.literals[k]);
      const { value, isNull } = source.input(at, argTypes[at]!);
      if (!handled) nulls.push(isNull);
      return handled ? `(${isNull} ? null : ${value})` : value;
    });
    const add = `{ ${unit.function.accumulate(values, this.#accumulators(source, "a", "s", unit), unit.types, source)} }`;
    return nulls.length === 0 ? add : `if (!(${nulls.join(" || ")})) ${add}`;
  }

  results(): ResultLoop {
    const source = this.#source();
    const write = this.#results(source, "i");
    this.#declareOutputs(source, "out");
    return source.compile("a, slots, count, out", `for (let i = 0; i < count; i++) { const s = slots[i]; ${write} }`);
  }

  #source(): LoopSource {
    return new LoopSource(this.#session, this.#layout.retracting);
  }

  #accumulators(source: LoopSource, table: string, slot: string, unit: AggregateUnit): AccumulatorAccess {
    return source.accumulators(table, slot, unit.first, this.#fields);
  }

  #fieldAccess(source: LoopSource, column: number): AccumulatorAccess {
    return source.accumulators("a", "s", column, this.#fields);
  }

  /** Statements that add row `i` to (take it from) all accumulators at slot `s`. */
  #changes(source: LoopSource, sign: "+" | "-"): string {
    const plain = this.#layout.units
      .filter((unit) => unit.distinct === undefined)
      .map((unit) => this.#filtered(source, unit.filter, this.#change(source, unit, sign)));
    const distinct = this.#layout.sets.flatMap(({ filters }, set) =>
      filters.map((filter, bit) => this.#filtered(source, filter, this.#distinct(source, set, bit, sign))),
    );
    return [...plain, ...distinct].join("\n");
  }

  #filtered(source: LoopSource, filter: number | undefined, statements: string): string {
    if (filter === undefined) return statements;
    const { value, isNull } = source.input(filter, this.#inputTypes[filter]!);
    return `if (${value} && !${isNull}) { ${statements} }`;
  }

  #change(source: LoopSource, unit: AggregateUnit, sign: "+" | "-"): string {
    const access = this.#accumulators(source, "a", "s", unit);
    const inputs = unit.args.map((arg, k) => source.input(arg, unit.types.args[k] ?? this.#inputTypes[arg]!));
    const emit = sign === "+" ? unit.function.accumulate : unit.function.retract!;
    const handled = unit.function.nulls === "handled";
    const used = unit.args.map((_, k) => k === 0 || unit.types.literals[k] === undefined);
    const locals: string[] = [];
    const values = inputs.map(({ value, isNull }, k) => {
      // Text stays an expression: where it is only stored, its bytes are copied and no string is made.
      if (!handled && source.rangeOf(value) !== undefined) return value;
      if (!used[k]) return value;
      const name = source.temp();
      locals.push(`const ${name} = ${handled ? `${isNull} ? null : ${value}` : value};`);
      return name;
    });
    const statements = `{ ${locals.join(" ")} ${emit(values, access, unit.types, source)} }`;
    const nulls = inputs.filter((_, k) => used[k]).map(({ isNull }) => isNull);
    if (handled || nulls.length === 0) return statements;
    const onNull =
      unit.types.args[0]?.nullable === false && sign === "+"
        ? unit.function.accumulateNull?.(access, unit.types, source)
        : undefined;
    return `if (!(${nulls.join(" || ")})) ${statements}${onNull === undefined ? "" : ` else { ${onNull} }`}`;
  }

  /** The changes of all aggregates of a distinct set with one filter, where the value is the first (was the last) of its kind. */
  #distinct(source: LoopSource, set: number, bit: number, sign: "+" | "-"): string {
    const statements = this.#unitsOf(set, bit)
      .map((unit) => this.#change(source, unit, sign))
      .join("\n");
    const d = `d${set}`;
    source.declare(`const ${d} = maps[${set}], e${set} = entries[${set}];`);
    if (!this.#layout.retracting) {
      source.declare(`const ${d}v = ${d}.columns[0].values;`);
      return `{ const e = e${set}[i]; if (e >= 0 && (${d}v[e] & ${1 << bit}) === 0) { ${d}.touchOne(e); ${d}v[e] |= ${1 << bit}; ${statements} } }`;
    }
    const counts = `${d}c${bit}`;
    source.declare(`const ${counts} = ${d}.columns[${bit}].values;`);
    return sign === "+"
      ? `{ const e = e${set}[i]; if (e >= 0) { ${d}.touchOne(e); if ((${counts}[e] += 1) === 1) { ${statements} } } }`
      : `{ const e = e${set}[i]; if (e >= 0 && ${counts}[e] > 0) { ${d}.touchOne(e); if ((${counts}[e] -= 1) === 0) { ${statements} } } }`;
  }

  #unitsOf(set: number, bit: number): AggregateUnit[] {
    return this.#layout.units.filter((unit) => unit.distinct?.set === set && unit.distinct.bit === bit);
  }

  /** Statements that write the result of every call at row `row` of the output columns. */
  #results(source: LoopSource, row: string): string {
    return this.#layout.unitOf
      .map((unitIndex, j) => {
        const unit = this.#layout.units[unitIndex]!;
        const access = this.#accumulators(source, "a", "s", unit);
        const isNull = unit.function.resultIsNull?.(access, unit.types, source);
        const result = unit.function.result(access, unit.types, source);
        if (isNull === "false") return this.#writeResult(source, unit, j, row, result);
        if (isNull !== undefined)
          return `if (${isNull}) o${j}n[${row}] = 1; else { o${j}n[${row}] = 0; ${this.#writeResult(source, unit, j, row, result)} }`;
        const value = source.temp();
        return `{ const ${value} = ${result}; if (${value} === null) o${j}n[${row}] = 1; else { o${j}n[${row}] = 0; ${this.#writeResult(source, unit, j, row, value)} } }`;
      })
      .join("\n");
  }

  #writeResult(source: LoopSource, unit: AggregateUnit, j: number, row: string, result: string): string {
    const storage = storageOf(unit.types.result);
    const range = source.rangeOf(result);
    if (storage === "bytes") {
      return range === undefined
        ? `o${j}.write(${row}, ${result});`
        : `o${j}s[${row}] = ${range.start}; o${j}l[${row}] = ${range.length};`;
    }
    if (storage === "i128") {
      const t = source.temp();
      return `{ const ${t} = ${result}; o${j}v[2 * (${row})] = ${t}; o${j}v[2 * (${row}) + 1] = ${t} >> 64n; }`;
    }
    return storage === "bool" ? `o${j}v[${row}] = (${result}) ? 1 : 0;` : `o${j}v[${row}] = ${result};`;
  }

  #declareOutputs(source: LoopSource, columns: string): void {
    this.#layout.unitOf.forEach((unitIndex, j) => {
      const unit = this.#layout.units[unitIndex]!;
      const o = `o${j}`;
      source.declare(`const ${o} = ${columns}[${j}], ${o}n = ${o}.nulls;`);
      if (storageOf(unit.types.result) !== "bytes") {
        source.declare(`const ${o}v = ${o}.values;`);
        return;
      }
      const access = this.#accumulators(source, "a", "s", unit);
      const column = source.rangeOf(unit.function.result(access, unit.types, source))?.column;
      source.declare(`const ${o}s = ${o}.starts, ${o}l = ${o}.lengths;`);
      if (column !== undefined) source.declare(`${o}.viewOf(${column});`);
    });
  }

  /** Boolean expression: the results at rows k and k + 1 are the same. */
  #sameResults(source: LoopSource): string {
    const tests = this.#layout.unitOf.map((unitIndex, j) => {
      const { types, function: fn } = this.#layout.units[unitIndex]!;
      const o = `o${j}`;
      const equal = this.#equal(source, o, types.result);
      const neverNull =
        fn.resultIsNull?.(this.#accumulators(source, "a", "s", this.#layout.units[unitIndex]!), types, source) ===
        "false";
      return neverNull ? equal : `(${o}n[k] === ${o}n[k + 1] && (${o}n[k] === 1 || ${equal}))`;
    });
    return tests.length === 0 ? "true" : tests.join(" && ");
  }

  #equal(source: LoopSource, o: string, type: DataType): string {
    switch (storageOf(type)) {
      case "bytes":
        return `${source.constant(equalBytes)}(${o}.data, ${o}s[k], ${o}l[k], ${o}.data, ${o}s[k + 1], ${o}l[k + 1])`;
      case "i128":
        return `(${o}v[2 * k] === ${o}v[2 * k + 2] && ${o}v[2 * k + 1] === ${o}v[2 * k + 3])`;
      case "any":
        return `${source.constant(nullsFirst(compareOf(type)))}(${o}v[k], ${o}v[k + 1]) === 0`;
      default:
        return `${o}v[k] === ${o}v[k + 1]`;
    }
  }

  /** Statements that put all accumulators at slot `s`, and the distinct sets below it, back to the start. */
  #reset(source: LoopSource): string {
    const columns = this.#layout.fields.map((_, i) => source.reset("a", "s", i, this.#fields));
    const sets = this.#layout.sets.map(
      (set, i) => `${source.constant(clearCounts)}(maps[${i}], s, ${set.filters.length});`,
    );
    return [...columns, ...sets].join(" ");
  }
}

/** What merging the distinct values of one table into another works on. */
export interface MergeDistinctInput {
  /** The keys of the entries to add. */
  readonly columns: readonly Column[];
  /** Slots of the target, one an entry. */
  readonly slots: Int32Array;
  readonly table: readonly StateColumn[];
  readonly fromMap: ChildMap;
  readonly fromEntries: Int32Array;
  readonly intoMap: ChildMap;
  readonly entries: Int32Array;
  readonly sequence: number;
}

function clearCounts(map: ChildMap, parent: number, filters: number): void {
  for (let entry = map.firstOf(parent); entry >= 0; entry = map.nextOf(entry)) {
    map.touchOne(entry);
    for (let bit = 0; bit < filters; bit++) (map.columns[bit] as { values: Float64Array }).values[entry] = 0;
  }
}
