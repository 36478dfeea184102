import { ByteWriter } from "../base/byte-writer.ts";
import { SqlError } from "../base/errors.ts";
import type { Value } from "../types/data-type.ts";
import { decodeUtf8, writeUtf8 } from "./utf8.ts";

/**
 * Canonical bytes of any Value, version 1: equal values of one type have equal bytes, and the bytes can be read back.
 * A tag byte, then: number = 8 bytes of the double, little-endian (every NaN as one NaN, -0 differs from 0); bigint =
 * length byte and that many bytes of two's complement; string, bytes = u32 length and the bytes; array = u32 count and
 * the items. Key groups and snapshots depend on it.
 */
const Tag = { Null: 0, False: 1, True: 2, Number: 3, BigInt: 4, Text: 5, Bytes: 6, List: 7 } as const;

const scratch = new DataView(new ArrayBuffer(8));

/** Appends the canonical bytes of the value. */
export function encodeAny(value: Value, out: ByteWriter): void {
  if (value === null) return out.byte(Tag.Null);
  switch (typeof value) {
    case "boolean":
      return out.byte(value ? Tag.True : Tag.False);
    case "number":
      out.byte(Tag.Number);
      scratch.setFloat64(0, Number.isNaN(value) ? Number.NaN : value, true);
      for (let i = 0; i < 8; i++) out.byte(scratch.getUint8(i));
      return;
    case "bigint":
      return encodeBigInt(value, out);
    case "string": {
      out.byte(Tag.Text);
      const at = out.length;
      writeU32(out, 0);
      patchU32(out, at, writeUtf8(value, out));
      return;
    }
    default:
      if (value instanceof Uint8Array) {
        out.byte(Tag.Bytes);
        writeU32(out, value.length);
        out.copy(value, 0, value.length);
        return;
      }
      out.byte(Tag.List);
      writeU32(out, value.length);
      for (const item of value) encodeAny(item, out);
  }
}

function encodeBigInt(value: bigint, out: ByteWriter): void {
  out.byte(Tag.BigInt);
  const at = out.length;
  out.byte(0);
  let rest = value;
  let byte = 0;
  do {
    byte = Number(rest & 0xffn);
    out.byte(byte);
    rest >>= 8n;
  } while (!((rest === 0n && byte < 128) || (rest === -1n && byte >= 128)));
  out.bytes[at] = out.length - at - 1;
}

function writeU32(out: ByteWriter, value: number): void {
  out.ensure(4);
  out.length += 4;
  patchU32(out, out.length - 4, value);
}

function patchU32(out: ByteWriter, at: number, value: number): void {
  for (let i = 0; i < 4; i++) out.bytes[at + i] = (value >>> (8 * i)) & 0xff;
}

/** The canonical bytes of one value. */
export function encodedAny(value: Value): Uint8Array {
  const out = new ByteWriter(64);
  encodeAny(value, out);
  return out.bytes.slice(0, out.length);
}

/** Reads a value written by `encodeAny` at `offset`; also where the next one starts. */
export function decodeAny(data: Uint8Array, offset: number): { readonly value: Value; readonly next: number } {
  const at = offset + 1;
  switch (data[offset]) {
    case Tag.Null:
      return { value: null, next: at };
    case Tag.False:
      return { value: false, next: at };
    case Tag.True:
      return { value: true, next: at };
    case Tag.Number:
      return { value: new DataView(data.buffer, data.byteOffset + at, 8).getFloat64(0, true), next: at + 8 };
    case Tag.BigInt:
      return decodeBigInt(data, at);
    case Tag.Text: {
      const length = readU32(data, at);
      return { value: decodeUtf8(data, at + 4, length), next: at + 4 + length };
    }
    case Tag.Bytes: {
      const length = readU32(data, at);
      return { value: data.slice(at + 4, at + 4 + length), next: at + 4 + length };
    }
    case Tag.List:
      return decodeList(data, at);
    default:
      throw new SqlError("BUG", `not an encoded value: tag ${data[offset]}`);
  }
}

function decodeBigInt(data: Uint8Array, at: number): { readonly value: Value; readonly next: number } {
  const length = data[at]!;
  let value = 0n;
  for (let i = length; i >= 1; i--) value = (value << 8n) | BigInt(data[at + i]!);
  return { value: BigInt.asIntN(8 * length, value), next: at + 1 + length };
}

function decodeList(data: Uint8Array, at: number): { readonly value: Value; readonly next: number } {
  const items: Value[] = [];
  let next = at + 4;
  for (let count = readU32(data, at); count > 0; count--) {
    const item = decodeAny(data, next);
    items.push(item.value);
    next = item.next;
  }
  return { value: items, next };
}

function readU32(data: Uint8Array, at: number): number {
  return (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)) >>> 0;
}
