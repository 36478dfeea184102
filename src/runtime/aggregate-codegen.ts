import { SqlError } from "../base/errors.ts";
import type { AccumulatorAccess, SessionFacts } from "../functions/define.ts";
import type { ChildMap, StateField } from "../state/api.ts";
import { storageOf, type DataType, type Value } from "../types/data-type.ts";
import { compareOf, nullsFirst } from "../types/value-compare.ts";
import { equalBytes } from "../batch/bytes.ts";
import { changeMarkers, type AggregateLayout, type AggregateUnit } from "./aggregate-layout.ts";
import {
  type AccumulateLoop,
  type UpdateLoop,
  type MergeLoop,
  type ResultLoop,
  OverAction,
  type OverLoop,
  type AdvanceLoop,
  type ResultAt,
  type MergeDistinctInput,
} from "./aggregate-loops.ts";
import { LoopSource } from "./loop-source.ts";
import { createOutputColumn, type OutputColumn } from "./output-columns.ts";

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
   * is the same, to renew the state of operators behind (a time to live is set). `from`: accumulators that are merged
   * instead of rows, then the columns of the input are those of the layout.
   */
  update(rowCount: number, updateBefore: boolean, always: boolean, from: "rows" | "accumulators" = "rows"): UpdateLoop {
    const { retracting } = this.#layout;
    const source = this.#source();
    const plus = from === "rows" ? this.#changes(source, "+") : this.#merges(source, "columns", "i", "a", "s");
    const live = this.#fieldAccess(source, rowCount);
    const [oldAt, newAt] = updateBefore ? ["k", "k + 1"] : ["k + 1", "k"];
    const old = this.#results(source, "x");
    const fresh = this.#results(source, "y");
    const markers = changeMarkers(this.#layout).map((index) => this.#fieldAccess(source, index).get(0));
    const mark = always ? "" : markers.map((marker, i) => `const m${i} = ${marker};`).join(" ");
    const unmarked = markers.map((marker, i) => ` && m${i} === ${marker}`).join("");
    const same = always ? "" : `if (${this.#sameResults(source)}${unmarked}) continue;`;
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
      ${live.set(0, retracting ? `${live.get(0)} + 1` : "1")} ${plus}`;
    const body = `const outKinds = output.kinds, outRows = output.rows; let k = 0;
    for (let i = from; i < to; i++) {
      const s = slots[i], first = ${live.get(0)} === 0; ${mark}
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

  /** ROWS: each row has the result of itself and the rows before; RANGE: the rows of a run have the result of all of them. */
  over(units: "ROWS" | "RANGE"): OverLoop {
    const source = this.#source();
    const clear = `if (actions !== undefined && actions[at] === ${OverAction.Clear}) { ${this.#reset(source)} continue; }`;
    const take = this.#layout.retracting
      ? `if (actions !== undefined && actions[at] === ${OverAction.Take}) { ${this.#changes(source, "-")} continue; }`
      : "";
    const add = `const i = rows === undefined ? at : rows[at], s = slots[at]; ${clear} ${take} ${this.#changes(source, "+")}`;
    const write = `${this.#results(source, "k")} k += 1;`;
    const body =
      units === "ROWS"
        ? `for (let at = 0; at < count; at++) { ${add} ${write} }`
        : `for (let g = 0, from = 0; from < count; g++) {
        const to = ends[g];
        for (let at = from; at < to; at++) { ${add} }
        for (let at = from; at < to; at++) {
          if (actions !== undefined && actions[at] !== ${OverAction.Add}) continue;
          const s = slots[at]; ${write}
        }
        from = to;
      }`;
    this.#declareOutputs(source, "out");
    const parameters = "{ rows, slots, columns, table: a, maps, entries, sequence, actions, ends }, count, out";
    return source.compile(parameters, `let k = 0; ${body} return k;`);
  }

  /** Accumulators of rows one after another; `columns` and `table` are indexed by the same slots. */
  advance(): AdvanceLoop {
    const source = this.#source();
    const own = this.#layout.fields.map((_, index) => this.#fieldAccess(source, index));
    const before = this.#layout.fields.map((_, index) => source.accumulators("a", "b", index, this.#fields));
    const value = (access: AccumulatorAccess, index: number): string =>
      this.#fields[index]!.initial === null ? `(${access.isNull(0)} ? null : ${access.get(0)})` : access.get(0);
    const old = own.map((access, index) => `const old${index} = ${value(access, index)};`);
    const copies = own.map((access, index) => {
      const set = access.set(0, before[index]!.get(0));
      if (this.#fields[index]!.initial !== null) return set;
      return `if (${before[index]!.isNull(0)}) { ${access.setNull(0)} } else { ${set} }`;
    });
    const changed = own.map((access, index) => `!${source.constant(sameValue)}(old${index}, ${value(access, index)})`);
    return source.compile(
      "columns, a, b, s",
      `const i = s, rows = undefined, kinds = undefined, maps = undefined, entries = undefined, sequence = 0;
      ${old.join(" ")}
      if (b < 0) { ${this.#reset(source)} } else { ${copies.join(" ")} }
      ${this.#changes(source, "+")}
      return ${changed.length === 0 ? "false" : changed.join(" || ")};`,
    );
  }

  /** As `results`, for one slot; texts are copied, so that they stay when others are stored. */
  resultAt(): ResultAt {
    const source = this.#source();
    const write = this.#results(source, "i", true);
    this.#declareOutputs(source, "out", true);
    return source.compile("a, s, i, out", write);
  }

  merge(): MergeLoop {
    const source = this.#source();
    const merges = this.#merges(source, "a", "s", "b", "t");
    const hidden = this.#fields.slice(this.#layout.fields.length).map((_, i) => {
      const column = this.#layout.fields.length + i;
      const into = source.accumulators("b", "t", column, this.#fields);
      return into.set(0, `${into.get(0)} + ${source.accumulators("a", "s", column, this.#fields).get(0)}`);
    });
    return source.compile(
      "a, fromSlots, b, toSlots, count",
      `for (let i = 0; i < count; i++) { const s = fromSlots[i], t = toSlots[i]; ${merges} ${hidden.join("\n")} }`,
    );
  }

  /** Statements that add the accumulators of one slot to those of another; distinct values are not among them. */
  #merges(source: LoopSource, from: string, fromSlot: string, into: string, intoSlot: string): string {
    return this.#layout.units
      .map((unit) => {
        if (unit.distinct !== undefined) return "";
        if (unit.function.merge === undefined)
          throw new SqlError("UNSUPPORTED", `${unit.function.name} in windows is not supported`);
        const [target, added] = [
          this.#accumulators(source, into, intoSlot, unit),
          this.#accumulators(source, from, fromSlot, unit),
        ];
        return `{ ${unit.function.merge(target, added, unit.types, source)} }`;
      })
      .join("\n");
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
  #results(source: LoopSource, row: string, copied = false): string {
    return this.#layout.unitOf
      .map((unitIndex, j) => {
        const unit = this.#layout.units[unitIndex]!;
        const access = this.#accumulators(source, "a", "s", unit);
        const isNull = unit.function.resultIsNull?.(access, unit.types, source);
        const result = unit.function.result(access, unit.types, source);
        const write = (value: string): string => this.#writeResult(source, unit, j, row, value, copied);
        if (isNull === "false") return write(result);
        if (isNull !== undefined)
          return `if (${isNull}) o${j}n[${row}] = 1; else { o${j}n[${row}] = 0; ${write(result)} }`;
        const value = source.temp();
        return `{ const ${value} = ${result}; if (${value} === null) o${j}n[${row}] = 1; else { o${j}n[${row}] = 0; ${write(value)} } }`;
      })
      .join("\n");
  }

  #writeResult(
    source: LoopSource,
    unit: AggregateUnit,
    j: number,
    row: string,
    result: string,
    copied: boolean,
  ): string {
    const storage = storageOf(unit.types.result);
    const range = copied ? undefined : source.rangeOf(result);
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

  #declareOutputs(source: LoopSource, columns: string, copied = false): void {
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
      if (column !== undefined && !copied) source.declare(`${o}.viewOf(${column});`);
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

/** Two accumulators are equal; values of state are never changed in place. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((each, i) => sameValue(each as Value, b[i] as Value));
}

function clearCounts(map: ChildMap, parent: number, filters: number): void {
  for (let entry = map.firstOf(parent); entry >= 0; entry = map.nextOf(entry)) {
    map.touchOne(entry);
    for (let bit = 0; bit < filters; bit++) (map.columns[bit] as { values: Float64Array }).values[entry] = 0;
  }
}
