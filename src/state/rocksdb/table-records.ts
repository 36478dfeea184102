import type { MemoryKeyedTable } from "../keyed-table.ts";
import type { StoredColumn } from "../columns.ts";
import type { ChildRows } from "./child-rows.ts";
import type { KeyLayout } from "./key-layout.ts";
import type { RecordBuffer, RecordReader } from "./record-buffer.ts";
import type { RecordWriter } from "./record-writer.ts";
import { rowCodec, type RowCodec } from "./row-codec.ts";

/** A key with more rows under it than this is written in parts of so many, so that a change rewrites one part. */
const PART_ROWS = 256;

const FLAG_PARTS = 1;

interface Part {
  rows: number;
  dirty: boolean;
}

/** The parts of one list or map of a key, in the order of its rows. */
interface PartList {
  readonly parts: Map<number, Part>;
  /** Number of the part that new rows go to; 0: there is none. */
  last: number;
}

/** A part that a record names. */
export interface PartReference {
  readonly slot: number;
  readonly child: number;
  readonly part: number;
}

/**
 * Records of one table: a key with its columns and the rows of its lists and maps. Few rows stand in the record itself,
 * many in parts of their own, of which the record holds the numbers.
 */
export class TableRecords {
  readonly table: MemoryKeyedTable;
  readonly layout: KeyLayout;
  readonly children: ChildRows[] = [];
  readonly #columns: readonly StoredColumn[];
  readonly #codec: RowCodec;
  /** Keys in parts, by slot. */
  readonly #large = new Map<number, readonly PartList[]>();

  constructor(table: MemoryKeyedTable, layout: KeyLayout) {
    this.table = table;
    this.layout = layout;
    const { changing, expiry } = table.store;
    // The last-write time comes first, where a sweep finds it without reading the rest.
    this.#columns = expiry === undefined ? changing : [expiry.lastWrite, ...changing.slice(0, -1)];
    this.#codec = rowCodec(this.#columns.map((column) => column.storage));
  }

  rowCount(slot: number): number {
    let rows = 0;
    for (const child of this.children) rows += child.count(slot);
    return rows;
  }

  /** Puts the record of the slot, with what has changed of its parts, into the writer. */
  write(slot: number, writer: RecordWriter): void {
    const large = this.#large.get(slot);
    const rows = this.rowCount(slot);
    if (large === undefined ? rows > PART_ROWS : rows > PART_ROWS / 2) {
      this.#writeLarge(slot, large ?? this.#makeLarge(slot), writer);
      return;
    }
    if (large !== undefined) this.#dissolve(slot, large, writer);
    const { buffer } = writer;
    const start = buffer.length;
    this.layout.write(this.table, slot, buffer);
    const middle = buffer.length;
    buffer.byte(0);
    this.#codec.encode(this.#columns, slot, buffer);
    for (const child of this.children) child.writeAll(slot, buffer);
    writer.put(start, middle);
  }

  /** Keys of all records of a slot, for their removal. */
  eachKey(slot: number, scratch: RecordBuffer, visit: (start: number) => void): void {
    const start = scratch.length;
    this.layout.write(this.table, slot, scratch);
    visit(start);
    this.#large.get(slot)?.forEach((list, number) => {
      for (const part of list.parts.keys()) {
        const at = scratch.length;
        this.#writePartKey(slot, number, part, scratch);
        visit(at);
      }
    });
  }

  /** The last-write time of a record; the table has a time to live. */
  lastWriteOf(value: Uint8Array): number {
    // Behind the flags and the bitmap; as `row-codec.ts` writes a double.
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    const at = 1 + ((this.#columns.length + 7) >> 3);
    const words = new DataView(new ArrayBuffer(8));
    words.setInt32(0, view.getInt32(at) ^ 0x80000000);
    words.setInt32(4, view.getInt32(at + 4));
    return words.getFloat64(0);
  }

  /** Reads the record of a slot; parts that it names are still to be read. */
  readHead(slot: number, from: RecordReader, wanted: PartReference[]): void {
    const flags = from.byte();
    this.#codec.decode(this.#columns, slot, from);
    if ((flags & FLAG_PARTS) === 0) {
      for (const child of this.children) child.read(slot, from, 0);
      return;
    }
    const lists = this.#makeLarge(slot);
    lists.forEach((list, child) => {
      for (let count = from.varint(); count > 0; count--) {
        const part = from.varint();
        list.parts.set(part, { rows: 0, dirty: false });
        list.last = part;
        wanted.push({ slot, child, part });
      }
    });
  }

  /** Reads a part that `readHead` named; parts of one list come in order. */
  readPart({ slot, child, part }: PartReference, from: RecordReader): void {
    const known = this.#large.get(slot)?.[child]?.parts.get(part);
    if (known !== undefined) known.rows = this.children[child]!.read(slot, from, part);
  }

  writePartKey({ slot, child, part }: PartReference, out: RecordBuffer): void {
    this.#writePartKey(slot, child, part, out);
  }

  finishReading(): void {
    for (const child of this.children) child.finishReading();
  }

  /** A child row is about to change. */
  changing(parent: number, number: number, child: number): void {
    const part = this.#partOf(parent, number, child);
    if (part !== undefined) part.dirty = true;
  }

  /** A child row is about to go. */
  removing(parent: number, number: number, child: number): void {
    const part = this.#partOf(parent, number, child);
    if (part === undefined) return;
    part.dirty = true;
    part.rows -= 1;
    this.children[number]!.setPart(child, 0);
  }

  /** The slot is free. */
  forget(slot: number): void {
    this.#large.delete(slot);
  }

  #partOf(parent: number, number: number, child: number): Part | undefined {
    if (this.#large.size === 0) return undefined;
    return this.#large.get(parent)?.[number]?.parts.get(this.children[number]!.partOfChild(child));
  }

  #makeLarge(slot: number): readonly PartList[] {
    const lists = this.children.map((): PartList => ({ parts: new Map(), last: 0 }));
    this.#large.set(slot, lists);
    return lists;
  }

  /** The key has few rows again: its parts go. */
  #dissolve(slot: number, lists: readonly PartList[], writer: RecordWriter): void {
    lists.forEach((list, number) => {
      for (const part of list.parts.keys()) this.#removePart(slot, number, part, writer);
      const rows = this.children[number]!;
      const { links } = rows.children;
      for (let child = links.head(slot); child >= 0; child = links.next[child]! - 1) rows.setPart(child, 0);
    });
    this.#large.delete(slot);
  }

  #writeLarge(slot: number, lists: readonly PartList[], writer: RecordWriter): void {
    lists.forEach((list, number) => {
      this.#assignParts(slot, number, list);
      this.#writeParts(slot, number, list, writer);
    });
    const { buffer } = writer;
    const start = buffer.length;
    this.layout.write(this.table, slot, buffer);
    const middle = buffer.length;
    buffer.byte(FLAG_PARTS);
    this.#codec.encode(this.#columns, slot, buffer);
    for (const { parts } of lists) {
      buffer.varint(parts.size);
      for (const part of parts.keys()) buffer.varint(part);
    }
    writer.put(start, middle);
  }

  /** Rows without a part are the newest: they stand at the end of the list. */
  #assignParts(slot: number, number: number, list: PartList): void {
    const rows = this.children[number]!;
    const { links } = rows.children;
    let child = links.tail(slot);
    if (child < 0) return;
    while (rows.partOfChild(child) === 0 && links.previous[child]! > 0) child = links.previous[child]! - 1;
    if (rows.partOfChild(child) !== 0) child = links.next[child]! - 1;
    for (; child >= 0; child = links.next[child]! - 1) {
      let part = list.parts.get(list.last);
      if (part === undefined || part.rows >= PART_ROWS) {
        list.last += 1;
        part = { rows: 0, dirty: true };
        list.parts.set(list.last, part);
      }
      part.rows += 1;
      part.dirty = true;
      rows.setPart(child, list.last);
    }
  }

  #writeParts(slot: number, number: number, list: PartList, writer: RecordWriter): void {
    const rows = this.children[number]!;
    const dirty = new Map<number, number[]>();
    for (const [id, part] of list.parts) {
      if (!part.dirty) continue;
      part.dirty = false;
      if (part.rows > 0) dirty.set(id, []);
      else {
        list.parts.delete(id);
        this.#removePart(slot, number, id, writer);
      }
    }
    if (dirty.size === 0) return;
    const { links } = rows.children;
    for (let child = links.head(slot); child >= 0; child = links.next[child]! - 1)
      dirty.get(rows.partOf[child]!)?.push(child);
    const { buffer } = writer;
    for (const [id, children] of dirty) {
      const start = buffer.length;
      this.#writePartKey(slot, number, id, buffer);
      const middle = buffer.length;
      buffer.varint(children.length);
      for (const child of children) rows.writeRow(child, buffer);
      writer.put(start, middle);
    }
  }

  #removePart(slot: number, number: number, part: number, writer: RecordWriter): void {
    const start = writer.buffer.length;
    this.#writePartKey(slot, number, part, writer.buffer);
    writer.remove(start);
  }

  #writePartKey(slot: number, number: number, part: number, out: RecordBuffer): void {
    this.layout.write(this.table, slot, out);
    out.byte(number);
    out.u32(part);
  }
}
