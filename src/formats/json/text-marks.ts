import {
  code,
  constant,
  get,
  instantiate,
  loop,
  OR,
  set,
  SHIFT_LEFT,
  simd,
  store,
  tee,
  ADD,
  V128,
  type WasmFunction,
} from "../../base/wasm.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;

/** Bytes that are marked in one go, which stay in the processor's nearest memory. */
const BLOCK_BYTES = 1 << 15;

/**
 * Marks the bytes at which a JSON text may end: quotes, backslashes, and control characters (which no text may hold).
 * Scanners then look for the next bit instead of the next byte. Sixteen bytes are compared at a time, by instructions
 * that JavaScript does not have; after Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019).
 */
export class TextMarks {
  /** Bit p % 32 of element p / 32: byte p of the data is marked. Bits outside of what was marked last mean nothing. */
  bits = new Int32Array(1024);

  /** Marks `data[from .. to)`. */
  mark(data: Uint8Array, from: number, to: number): void {
    const end = (to >>> 5) + 1;
    if (end > this.bits.length) {
      const grown = new Int32Array(2 * end);
      grown.set(this.bits);
      this.bits = grown;
    }
    marker ??= createMarker();
    const { bytes, run, bits } = marker;
    for (let start = from & ~31; start < to; start += BLOCK_BYTES) {
      const stop = Math.min(to, start + BLOCK_BYTES);
      bytes.set(data.subarray(start, stop));
      run(0, stop - start, BLOCK_BYTES);
      const words = (stop - start + 31) >>> 5;
      this.bits.set(words === bits.length ? bits : bits.subarray(0, words), start >>> 5);
    }
  }
}

/** The first marked byte at or after `start`; there must be one. */
export function nextMark(bits: Int32Array, start: number): number {
  let i = start >>> 5;
  let word = bits[i]! >>> (start & 31);
  if (word !== 0) return (start + 31 - Math.clz32(word & -word)) | 0;
  do {
    i = (i + 1) | 0;
    word = bits[i]!;
  } while (word === 0);
  return ((i << 5) + 31 - Math.clz32(word & -word)) | 0;
}

interface Marker {
  /** Takes a block. */
  readonly bytes: Uint8Array;
  /** Marks `bytes[from .. to)` in `bits`, which stands behind a block. */
  readonly run: WasmFunction;
  readonly bits: Int32Array;
}

let marker: Marker | undefined;

function createMarker(): Marker {
  const wasm = instantiate({ parameters: 3, result: false, locals: [[1, V128]], body: functionBody(), pages: 1 });
  const memory = wasm?.memory ?? new ArrayBuffer(1 << 16);
  const bytes = new Uint8Array(memory, 0, BLOCK_BYTES);
  const bits = new Int32Array(memory, BLOCK_BYTES, BLOCK_BYTES / 32);
  return { bytes, bits, run: wasm?.run ?? inJavaScript(bytes, bits) };
}

function inJavaScript(bytes: Uint8Array, bits: Int32Array): WasmFunction {
  return (_from, to = 0) => {
    bits.fill(0, 0, (to + 31) >>> 5);
    for (let p = 0; p < to; p++) {
      const c = bytes[p]!;
      if (c === QUOTE || c === BACKSLASH || c < FIRST_PRINTABLE) bits[p >>> 5]! |= 1 << (p & 31);
    }
    return 0;
  };
}

// Text form of the function:
//   (func (param $at i32) (param $end i32) (param $bits i32) (local $bytes v128) …)
const AT = 0;
const END = 1;
const BITS = 2;
const BYTES = 3;

const LOAD = 0x00;
const CONSTANT = 0x0c;
const EQUAL = 0x23;
const LESS_UNSIGNED = 0x26;
const EITHER = 0x50;
const BITMASK = 0x64;

function functionBody(): number[] {
  const all = (byte: number): number[] => simd(CONSTANT, ...Array.from({ length: 16 }, () => byte));
  const sixteen = (offset: number): number[] =>
    code(
      code(get(AT), simd(LOAD, 0, offset), tee(BYTES), all(QUOTE), simd(EQUAL)),
      code(get(BYTES), all(BACKSLASH), simd(EQUAL), simd(EITHER)),
      code(get(BYTES), all(FIRST_PRINTABLE), simd(LESS_UNSIGNED), simd(EITHER), simd(BITMASK)),
    );
  const word = code(sixteen(0), sixteen(16), constant(16), SHIFT_LEFT, OR);
  const step = code(get(BITS), word, store(0), get(BITS), constant(4), ADD, set(BITS));
  return loop(AT, END, step, 32);
}
