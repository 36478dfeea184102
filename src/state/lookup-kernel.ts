import { ByteWriter } from "../base/byte-writer.ts";
import { equalBytes } from "../batch/bytes.ts";
import type { Column } from "../batch/column.ts";
import { encodeAny, encodedAny } from "../batch/encode-any.ts";
import type { Storage, Value } from "../types/data-type.ts";
import type { StoredColumn } from "./columns.ts";
import type { HashIndex } from "./hash-index.ts";

/** What a lookup works on: the index, the columns that hold the keys, and how a slot is made. */
export interface LookupTarget {
  readonly index: HashIndex;
  readonly keyColumns: readonly StoredColumn[];
  /** Parent slot of each entry (child maps only). */
  readonly parents: Int32Array;
  /** Makes a slot for a new key at the free index entry; key columns are then written by the kernel. `i`: which of the rows asks. */
  insertAt(entry: number, hash: number, i: number): number;
}

/**
 * Finds (or, with `insert`, makes) the slot of each row's key; −1 where there is none. `parents`: the parent slot of
 * each i (child maps only).
 */
export type LookupKernel = (
  target: LookupTarget,
  keys: readonly Column[],
  rows: Int32Array | undefined,
  count: number,
  slots: Int32Array,
  insert: boolean,
  parents: Int32Array | undefined,
) => void;

/** A key column: its storage, and whether a NULL may occur in the batch or in the table. */
export interface KeyShape {
  readonly storage: Storage;
  readonly nullable: boolean;
}

/**
 * The lookup loop for one key signature: hash (version 1 of `batch/hash.ts`), probe, compare and store columnwise,
 * without encoding keys and without allocating. With `child` the parent slot is one more i32 key before the others.
 * The first loop hashes and reads an entry of each row, the second one searches: the reads of the first do not wait for
 * each other, and bring what the second one needs from memory.
 */
export function compileLookup(shapes: readonly KeyShape[], child: boolean): LookupKernel {
  const parts = shapes.map((shape, i) => keyPart(shape, i));
  const all = (pick: (part: KeyPart) => string): string =>
    parts
      .map(pick)
      .filter((code) => code !== "")
      .join("\n");
  const matches = [child ? "tp[slot] === parents[i]" : "", ...parts.map((part) => part.equals)]
    .filter((code) => code !== "")
    .join(" && ");
  const source = `"use strict";
let hashes = new Int32Array(64), near = 0;
return function lookup(target, keys, rows, count, slots, insert, parents) {
  const index = target.index;
  let cells = index.cells, mask = index.mask;
  ${child ? "let tp = target.parents;" : ""}
  ${all((part) => part.open)}
  ${all((part) => part.load)}
  if (hashes.length < count) hashes = new Int32Array(2 * count);
  const hs = hashes;
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const r = rows === undefined ? i : rows[i];
    let h = 0, k = 0;
    ${child ? mixWord("parents[i]") : ""}
    ${all((part) => part.hash)}
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h = (h ^ (h >>> 16)) | 0;
    hs[i] = h;
    seen ^= cells[2 * (h & mask)];
  }
  // So that the reads are not left out.
  near = seen;
  for (let i = 0; i < count; i++) {
    const r = rows === undefined ? i : rows[i];
    const h = hs[i];
    ${all((part) => part.again)}
    let entry = h & mask, slot = -1;
    for (;;) {
      const cell = cells[2 * entry];
      if (cell === 0) { slot = -1; break; }
      slot = cell - 1;
      if (cells[2 * entry + 1] === h && ${matches}) break;
      entry = (entry + 1) & mask;
    }
    if (slot === -1 && insert) {
      slot = target.insertAt(entry, h, i);
      cells = index.cells; mask = index.mask;
      ${child ? "tp = target.parents;" : ""}
      ${all((part) => part.load.replaceAll("let ", ""))}
      ${all((part) => part.store)}
    }
    slots[i] = slot;
  }
};`;
  return new Function("mixBytes", "mixAny", "equalBytes", "equalAny", source)(
    mixBytes,
    mixAny,
    equalBytes,
    equalAny,
  ) as LookupKernel;
}

interface KeyPart {
  /** Arrays of the batch column. */
  readonly open: string;
  /** Arrays of the table's column; again after an insertion. */
  readonly load: string;
  readonly hash: string;
  /** What `equals` and `store` need of `hash`, once more. */
  readonly again: string;
  readonly equals: string;
  readonly store: string;
}

function keyPart({ storage, nullable }: KeyShape, i: number): KeyPart {
  const value = valuePart(storage, i);
  const opened = `const b${i} = keys[${i}], t${i} = target.keyColumns[${i}];\n${value.open}`;
  if (!nullable) return { ...value, open: opened };
  const isNull = `const n${i} = bn${i} === undefined ? 0 : bn${i}[r];`;
  return {
    open: `${opened}\nconst bn${i} = b${i}.nulls;`,
    load: `let tn${i} = t${i}.nulls;\n${value.load}`,
    hash: `${isNull}\nif (n${i} === 1) { ${mixWord("0x4e554c4c")} } else { ${value.hash} }`,
    again: `${isNull}\n${value.again}`,
    equals: `n${i} === tn${i}[slot] && (n${i} === 1 || (${value.equals}))`,
    store: `tn${i}[slot] = n${i};\nif (n${i} === 0) { ${value.store} }`,
  };
}

function valuePart(storage: Storage, i: number): KeyPart {
  const [b, t] = [`b${i}`, `t${i}`];
  switch (storage) {
    case "bool":
    case "i32":
      return {
        open: `const v${i} = ${b}.values;`,
        load: `let s${i} = ${t}.values;`,
        hash: mixWord(`v${i}[r]`),
        again: "",
        equals: `s${i}[slot] === v${i}[r]`,
        store: `s${i}[slot] = v${i}[r];`,
      };
    case "i64":
      return wordsPart(i, 2);
    case "i128":
      return wordsPart(i, 4);
    case "f64": {
      // Words, not doubles: -0 and 0 are different keys, all NaN are one.
      const words = `l${i} = v${i}[2 * r]; u${i} = v${i}[2 * r + 1];
if (d${i}[r] !== d${i}[r]) { l${i} = 0; u${i} = 0x7ff80000; }`;
      return {
        open: `const d${i} = ${b}.values, v${i} = new Int32Array(d${i}.buffer, d${i}.byteOffset, 2 * d${i}.length);\nlet l${i} = 0, u${i} = 0;`,
        load: `let s${i} = ${t}.words;`,
        hash: `${words}\n${mixWord(`l${i}`)}\n${mixWord(`u${i}`)}`,
        again: words,
        equals: `s${i}[2 * slot] === l${i} && s${i}[2 * slot + 1] === u${i}`,
        store: `s${i}[2 * slot] = l${i}; s${i}[2 * slot + 1] = u${i};`,
      };
    }
    case "bytes":
      return {
        open: `const bs${i} = ${b}.starts, bl${i} = ${b}.lengths, bd${i} = ${b}.data;`,
        load: `let ts${i} = ${t}.starts, tl${i} = ${t}.lengths, td${i} = ${t}.data;`,
        hash: `h = mixBytes(h, bd${i}, bs${i}[r], bl${i}[r]);`,
        again: "",
        equals: `equalBytes(td${i}, ts${i}[slot], tl${i}[slot], bd${i}, bs${i}[r], bl${i}[r])`,
        store: `${t}.setBytes(slot, bd${i}, bs${i}[r], bl${i}[r]); td${i} = ${t}.data;`,
      };
    case "any":
      return {
        open: `const v${i} = ${b}.values;`,
        load: `let s${i} = ${t}.values;`,
        hash: `h = mixAny(h, v${i}[r]);`,
        again: "",
        equals: `equalAny(s${i}[slot], v${i}[r])`,
        store: `s${i}[slot] = v${i}[r];`,
      };
  }
}

function wordsPart(i: number, width: 2 | 4): KeyPart {
  const each = (code: (word: number) => string, between: string): string =>
    Array.from({ length: width }, (_, w) => code(w)).join(between);
  return {
    open: `const v${i} = new Int32Array(b${i}.values.buffer, b${i}.values.byteOffset, 2 * b${i}.values.length);`,
    load: `let s${i} = t${i}.words;`,
    hash: each((w) => mixWord(`v${i}[${width} * r + ${w}]`), "\n"),
    again: "",
    equals: each((w) => `s${i}[${width} * slot + ${w}] === v${i}[${width} * r + ${w}]`, " && "),
    store: each((w) => `s${i}[${width} * slot + ${w}] = v${i}[${width} * r + ${w}];`, " "),
  };
}

/** One word into the running hash `h`, as `mix` in `batch/hash.ts`. */
function mixWord(word: string): string {
  return `k = Math.imul(${word}, 0xcc9e2d51); h ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593); h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;`;
}

function mix(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function mixBytes(hash: number, data: Uint8Array, start: number, length: number): number {
  let h = hash;
  let i = start;
  const wordsEnd = start + (length & ~3);
  for (; i < wordsEnd; i += 4) h = mix(h, data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24));
  if ((length & 3) !== 0) {
    let rest = 0;
    for (let shift = 0, end = start + length; i < end; i++, shift += 8) rest |= data[i]! << shift;
    h = mix(h, rest);
  }
  return mix(h, length);
}

function mixAny(hash: number, value: Value): number {
  if (value === null) return mix(hash, 0x4e554c4c);
  const buffer = new ByteWriter(64);
  encodeAny(value, buffer);
  return mixBytes(hash, buffer.bytes, 0, buffer.length);
}

/** True when two values of one type are the same key: by their canonical bytes. */
export function equalAny(a: Value, b: Value): boolean {
  if (a === b && typeof a !== "number") return true;
  const left = encodedAny(a);
  const right = encodedAny(b);
  return equalBytes(left, 0, left.length, right, 0, right.length);
}
