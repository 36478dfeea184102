import type { Column } from "../batch/column.ts";
import type { SlotStore } from "./slot-store.ts";

/** Slots a page. */
export const PAGE_SLOTS = 4096;
export const PAGE_SHIFT = 12;

/** Contents of the slots `from` … `to` − 1 at a freeze. */
export interface Page {
  readonly from: number;
  readonly to: number;
  readonly live: Uint8Array;
  /** In the order of the store's columns. */
  readonly columns: readonly Column[];
}

/**
 * The contents of a store at one moment, while the store is written on. Nothing is copied at the freeze: the first
 * write to a page that is still shared saves the page aside, and the reader takes the saved page or the live one.
 */
export class FrozenPages {
  /** Slots in use at the freeze. */
  readonly limit: number;
  readonly liveCount: number;
  /** Slots written since the freeze before (1), for increments. */
  readonly dirty: Uint8Array;
  /** 1: the page must be saved before the next write to it. */
  readonly shared: Uint8Array;
  readonly #store: SlotStore;
  readonly #saved: (Page | undefined)[];
  #released = false;

  constructor(store: SlotStore, dirty: Uint8Array) {
    this.#store = store;
    this.limit = store.limit;
    this.liveCount = store.liveCount;
    this.dirty = dirty;
    this.shared = new Uint8Array((this.limit + PAGE_SLOTS - 1) >> PAGE_SHIFT).fill(1);
    this.#saved = Array.from({ length: this.shared.length }, () => undefined);
  }

  get pageCount(): number {
    return this.shared.length;
  }

  /** True when another freeze or `release` took the contents away. */
  get released(): boolean {
    return this.#released;
  }

  /** Called by the store before the first write to a shared page. */
  save(page: number): void {
    this.shared[page] = 0;
    this.#saved[page] = this.#read(page, true);
  }

  /** The page at the freeze; a view that is valid until the store is written again. */
  page(page: number): Page {
    return this.#saved[page] ?? this.#read(page, false);
  }

  /** Lets the contents go; the store saves no more pages. */
  release(): void {
    this.#released = true;
    this.shared.fill(0);
    this.#saved.fill(undefined);
    this.#store.unfreeze(this);
  }

  #read(page: number, copy: boolean): Page {
    const from = page << PAGE_SHIFT;
    const to = Math.min(this.limit, from + PAGE_SLOTS);
    const live = copy ? this.#store.live.slice(from, to) : this.#store.live.subarray(from, to);
    return { from, to, live, columns: this.#store.columns.map((column) => column.page(from, to, copy)) };
  }
}
