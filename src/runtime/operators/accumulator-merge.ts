import type { ChildMap, KeyedTable } from "../../state/api.ts";
import type { AggregateLoops } from "../aggregate-codegen.ts";
import type { MergeDistinctInput, MergeLoop } from "../aggregate-loops.ts";
import type { AggregateLayout } from "../aggregate-layout.ts";
import { roomFor } from "./emit.ts";

/** Adds accumulators, distinct values included, of some slots to others. */
export class AccumulatorMerge {
  readonly #loop: MergeLoop;
  readonly #distinct: readonly ((input: MergeDistinctInput, count: number) => void)[];
  #slots = new Int32Array(0);
  #entries = new Int32Array(0);

  constructor(layout: AggregateLayout, loops: AggregateLoops) {
    this.#loop = loops.merge();
    this.#distinct = layout.sets.map((_, set) => loops.mergeDistinct(set));
  }

  /** Adds keys of one table to those of another with the same keys. */
  addKeys(
    from: KeyedTable,
    fromMaps: readonly ChildMap[],
    slots: Int32Array,
    into: KeyedTable,
    intoMaps: readonly ChildMap[],
  ): void {
    if (slots.length === 0) return;
    const targets = (this.#slots = roomFor(this.#slots, slots.length));
    void into.prepare(from.gatherKeys(slots, slots.length), undefined, slots.length, targets);
    this.addSlots(from, fromMaps, slots, into, intoMaps, targets, slots.length);
  }

  /** Adds slot by slot: `fromSlots[i]` to `intoSlots[i]`; both tables may be the same. */
  addSlots(
    from: KeyedTable,
    fromMaps: readonly ChildMap[],
    fromSlots: Int32Array,
    into: KeyedTable,
    intoMaps: readonly ChildMap[],
    intoSlots: Int32Array,
    count: number,
  ): void {
    into.touch(intoSlots, count);
    this.#loop(from.columns, fromSlots, into.columns, intoSlots, count);
    this.#distinct.forEach((loop, set) => {
      const fromEntries: number[] = [];
      const parents: number[] = [];
      for (let i = 0; i < count; i++) {
        for (let entry = fromMaps[set]!.firstOf(fromSlots[i]!); entry >= 0; entry = fromMaps[set]!.nextOf(entry)) {
          fromEntries.push(entry);
          parents.push(intoSlots[i]!);
        }
      }
      const size = fromEntries.length;
      if (size === 0) return;
      const entries = (this.#entries = roomFor(this.#entries, size));
      const list = Int32Array.from(fromEntries);
      const slots = Int32Array.from(parents);
      const columns = fromMaps[set]!.gatherKeys(list, size);
      void intoMaps[set]!.prepare(slots, columns, undefined, size, entries);
      for (let i = 0; i < size; i++) intoMaps[set]!.touchOne(entries[i]!);
      loop(
        {
          columns,
          slots,
          table: into.columns,
          fromMap: fromMaps[set]!,
          fromEntries: list,
          intoMap: intoMaps[set]!,
          entries,
          sequence: 0,
        },
        size,
      );
    });
  }
}
