import type { Column } from "../batch/column.ts";
import type { StoredColumn } from "./columns.ts";
import type { SlotStore } from "./slot-store.ts";

/** Slots a page. */
export const PAGE_SLOTS = 4096;
export const PAGE_SHIFT = 12;

/** Contents of the slots `from` … `to` − 1 at a freeze. */
export interface Page {
  readonly from: number;
  readonly to: number;
  readonly live: Uint8Array;
  /** The store's `identity` columns. */
  readonly identity: readonly Column[];
  /** The store's `changing` columns. */
  readonly changing: readonly Column[];
}

/**
 * The contents of a store at one moment, while the store is written on. Nothing is copied at the freeze: the first
 * write to a page that is still shared saves the page aside, and the reader takes the saved page or the live one.
 * A page has two halves: columns that change while a slot lives, and identity (live bits, keys, hash, parent), which
 * changes only when slots come and go; an update of existing keys copies the first half only.
 */
export class FrozenPages {
  /** Slots in use at the freeze. */
  readonly limit: number;
  readonly liveCount: number;
  /** Slots written or freed since the snapshot that an increment builds on (1). */
  readonly dirty: Uint8Array;
  /** That snapshot does not know the store: an increment holds all of it. */
  readonly fresh: boolean;
  /** 1: the changing columns of the page must be saved before the next write to them. */
  readonly shared: Uint8Array;
  /** 1: the same for live bits and identity columns. */
  readonly sharedIdentity: Uint8Array;
  readonly #store: SlotStore;
  readonly #saved: (readonly Column[] | undefined)[];
  readonly #savedIdentity: (Identity | undefined)[];
  #released = false;

  constructor(store: SlotStore, dirty: Uint8Array, fresh: boolean) {
    this.#store = store;
    this.fresh = fresh;
    this.limit = store.limit;
    this.liveCount = store.liveCount;
    this.dirty = dirty;
    this.shared = new Uint8Array((this.limit + PAGE_SLOTS - 1) >> PAGE_SHIFT).fill(1);
    this.sharedIdentity = this.shared.slice();
    this.#saved = Array.from({ length: this.shared.length }, () => undefined);
    this.#savedIdentity = Array.from({ length: this.shared.length }, () => undefined);
  }

  get pageCount(): number {
    return this.shared.length;
  }

  /** True when an increment has something to say about the store. */
  get hasChanges(): boolean {
    return this.fresh || this.dirty.includes(1);
  }

  /** True when another freeze or `release` took the contents away. */
  get released(): boolean {
    return this.#released;
  }

  /** Called by the store before the first write to columns of a shared page. */
  save(page: number): void {
    this.shared[page] = 0;
    this.#saved[page] = this.#read(this.#store.changing, page, true);
  }

  /** Called by the store before the first slot of a shared page comes or goes. */
  saveIdentity(page: number): void {
    this.sharedIdentity[page] = 0;
    const [from, to] = this.#range(page);
    this.#savedIdentity[page] = {
      live: this.#store.live.slice(from, to),
      columns: this.#read(this.#store.identity, page, true),
    };
  }

  /** The page at the freeze; what is not saved is a view that is valid until the store is written again. */
  page(page: number): Page {
    const [from, to] = this.#range(page);
    const identity = this.#savedIdentity[page];
    return {
      from,
      to,
      live: identity?.live ?? this.#store.live.subarray(from, to),
      identity: identity?.columns ?? this.#read(this.#store.identity, page, false),
      changing: this.#saved[page] ?? this.#read(this.#store.changing, page, false),
    };
  }

  /** Lets the contents go; the store saves no more pages. */
  release(): void {
    this.#released = true;
    this.shared.fill(0);
    this.sharedIdentity.fill(0);
    this.#saved.fill(undefined);
    this.#savedIdentity.fill(undefined);
    this.#store.unfreeze(this);
  }

  #range(page: number): [from: number, to: number] {
    const from = page << PAGE_SHIFT;
    return [from, Math.min(this.limit, from + PAGE_SLOTS)];
  }

  #read(columns: readonly StoredColumn[], page: number, copy: boolean): Column[] {
    const [from, to] = this.#range(page);
    return columns.map((column) => column.page(from, to, copy));
  }
}

interface Identity {
  readonly live: Uint8Array;
  readonly columns: readonly Column[];
}
