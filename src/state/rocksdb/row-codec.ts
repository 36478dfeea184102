import { decodeAny, encodeAny } from "../../batch/encode-any.ts";
import type { Storage, Value } from "../../types/data-type.ts";
import type { StoredColumn } from "../columns.ts";
import type { RecordBuffer, RecordReader } from "./record-buffer.ts";

/** Writes and reads the columns of one slot. */
export interface RowCodec {
  encode(columns: readonly StoredColumn[], slot: number, out: RecordBuffer): void;
  decode(columns: readonly StoredColumn[], slot: number, from: RecordReader): void;
}

const codecs = new Map<string, RowCodec>();

/**
 * Code for rows of these storages: a bitmap of the NULLs, then the values of the columns that have one. Fixed values
 * are big-endian words, the highest first and its sign flipped, so that keys of one whole number lie in its order and
 * neighbours share a block; text has its length in front.
 */
export function rowCodec(storages: readonly Storage[]): RowCodec {
  const signature = storages.join(",");
  let codec = codecs.get(signature);
  if (codec === undefined) {
    codec = { encode: compileEncode(storages), decode: compileDecode(storages) };
    codecs.set(signature, codec);
  }
  return codec;
}

/** Bytes of a value that has a fixed size; 5: room for the length of one that has none. */
function fixedBytes(storage: Storage): number {
  switch (storage) {
    case "bool":
      return 1;
    case "i32":
      return 4;
    case "i64":
    case "f64":
      return 8;
    case "i128":
      return 16;
    case "bytes":
    case "any":
      return 5;
  }
}

function compileEncode(storages: readonly Storage[]): RowCodec["encode"] {
  const bitmap = (storages.length + 7) >> 3;
  const room = bitmap + storages.reduce((sum, storage) => sum + fixedBytes(storage), 0);
  const parts = storages.map((storage, i) => {
    return `if (c${i}.nulls[slot] === 1) out.bytes[nulls + ${i >> 3}] |= ${1 << (i & 7)}; else { ${encodeValue(storage, i)} }`;
  });
  const source = `"use strict";
return function encode(columns, slot, out) {
  ${storages.map((_, i) => `const c${i} = columns[${i}];`).join(" ")}
  out.ensure(${room});
  const nulls = out.length;
  out.bytes.fill(0, nulls, nulls + ${bitmap});
  out.length = nulls + ${bitmap};
  ${parts.join("\n  ")}
};`;
  return new Function("encodeAny", source)(encodeAny) as RowCodec["encode"];
}

/** Words of the column from the highest to the lowest, the first one with its sign flipped. */
function encodeWords(i: number, words: number): string {
  const lines = Array.from({ length: words }, (_, k) => {
    const word = `c${i}.words[${words} * slot + ${words - 1 - k}]`;
    return `out.view.setInt32(out.length + ${4 * k}, ${k === 0 ? `${word} ^ 0x80000000` : word});`;
  });
  return `${lines.join(" ")} out.length += ${4 * words};`;
}

function encodeValue(storage: Storage, i: number): string {
  switch (storage) {
    case "bool":
      return `out.ensure(1); out.bytes[out.length++] = c${i}.values[slot];`;
    case "i32":
      return `out.ensure(4); out.view.setInt32(out.length, c${i}.values[slot] ^ 0x80000000); out.length += 4;`;
    case "i64":
    case "f64":
      return `out.ensure(8); ${encodeWords(i, 2)}`;
    case "i128":
      return `out.ensure(16); ${encodeWords(i, 4)}`;
    case "bytes":
      return `{ const n = c${i}.lengths[slot]; out.varint(n); out.copy(c${i}.data, c${i}.starts[slot], n); }`;
    case "any":
      return `encodeAny(c${i}.values[slot], out);`;
  }
}

function compileDecode(storages: readonly Storage[]): RowCodec["decode"] {
  const bitmap = (storages.length + 7) >> 3;
  const parts = storages.map((storage, i) => {
    return `if ((bytes[nulls + ${i >> 3}] & ${1 << (i & 7)}) !== 0) setNull(c${i}, slot); else { ${decodeValue(storage, i)} }`;
  });
  const source = `"use strict";
return function decode(columns, slot, from) {
  ${storages.map((_, i) => `const c${i} = columns[${i}];`).join(" ")}
  const bytes = from.bytes, view = from.view, nulls = from.at;
  from.at = nulls + ${bitmap};
  ${parts.join("\n  ")}
};`;
  return new Function("decodeAny", "setNull", source)(decodeAny, setNull) as RowCodec["decode"];
}

function setNull(column: StoredColumn, slot: number): void {
  column.nulls[slot] = 1;
  if (column.storage === "any") column.values[slot] = null as Value;
}

function decodeWords(i: number, words: number): string {
  const lines = Array.from({ length: words }, (_, k) => {
    const word = `view.getInt32(from.at + ${4 * k})`;
    return `c${i}.words[${words} * slot + ${words - 1 - k}] = ${k === 0 ? `${word} ^ 0x80000000` : word};`;
  });
  return `c${i}.nulls[slot] = 0; ${lines.join(" ")} from.at += ${4 * words};`;
}

function decodeValue(storage: Storage, i: number): string {
  switch (storage) {
    case "bool":
      return `c${i}.nulls[slot] = 0; c${i}.values[slot] = bytes[from.at++];`;
    case "i32":
      return `c${i}.nulls[slot] = 0; c${i}.values[slot] = view.getInt32(from.at) ^ 0x80000000; from.at += 4;`;
    case "i64":
    case "f64":
      return decodeWords(i, 2);
    case "i128":
      return decodeWords(i, 4);
    case "bytes":
      return `{ const n = from.varint(); c${i}.setBytes(slot, bytes, from.at, n); from.at += n; }`;
    case "any":
      return `{ const read = decodeAny(bytes, from.at); c${i}.nulls[slot] = 0; c${i}.values[slot] = read.value; from.at = read.next; }`;
  }
}
