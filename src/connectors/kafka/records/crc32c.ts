/** The reversed polynomial of CRC-32C (Castagnoli). */
const POLYNOMIAL = 0x82f63b78;
/** Bytes of one step: sixteen tables, one for each byte of the step. */
const STEP = 16;
const TABLE_BYTES = 1024;
/** In the memory of the module (one page): the tables, then the bytes of one call. */
const DATA_START = STEP * TABLE_BYTES;
const DATA_BYTES = (1 << 16) - DATA_START;

/** What is used of WebAssembly; the types of Node 20 do not declare it. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly crc: (crc: number, length: number) => number;
    };
  };
}

interface Machine {
  readonly data: Uint8Array;
  /** Goes on with the checksum (not inverted) over the first `length` bytes of `data`. */
  readonly crc: (crc: number, length: number) => number;
}

let machine: Machine | undefined;

/**
 * CRC-32C of `bytes[start .. end)`, unsigned: the checksum of record batches. Node's zlib has CRC-32 only, and tables in
 * JavaScript cost about five times as much as this WebAssembly loop, which is assembled below on first use.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  machine ??= createMachine();
  const { data, crc } = machine;
  let sum = -1;
  for (let from = start; from < end; from += DATA_BYTES) {
    const to = Math.min(end, from + DATA_BYTES);
    data.set(bytes.subarray(from, to));
    sum = crc(sum, to - from);
  }
  return ~sum >>> 0;
}

function createMachine(): Machine {
  const wasm = (globalThis as unknown as { readonly WebAssembly?: WasmApi }).WebAssembly;
  const tables = createTables();
  // node --jitless has no WebAssembly.
  if (wasm === undefined) return inJavaScript(tables);
  const { memory, crc } = new wasm.Instance(new wasm.Module(moduleBytes())).exports;
  new Int32Array(memory.buffer, 0, tables.length).set(tables);
  return { data: new Uint8Array(memory.buffer, DATA_START, DATA_BYTES), crc };
}

/** Table k: the effect of a byte that stands k bytes before the end of a step. */
function createTables(): Int32Array {
  const tables = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    tables[byte] = value;
  }
  for (let i = 256; i < tables.length; i++) {
    const shorter = tables[i - 256] ?? 0;
    tables[i] = (shorter >>> 8) ^ (tables[shorter & 255] ?? 0);
  }
  return tables;
}

function inJavaScript(tables: Int32Array): Machine {
  const data = new Uint8Array(DATA_BYTES);
  const crc = (before: number, length: number): number => {
    let sum = before;
    for (let i = 0; i < length; i++) sum = (sum >>> 8) ^ (tables[(sum ^ (data[i] ?? 0)) & 255] ?? 0);
    return sum;
  };
  return { data, crc };
}

// The module in its binary form. Text form of the function:
//   (func (export "crc") (param $crc i32) (param $length i32) (result i32) (local $at i32) (local $end i32) (local $word i32) …)
const CRC = 0;
const LENGTH = 1;
const AT = 2;
const END = 3;
const WORD = 4;
const SUM = 5;

const I32 = 0x7f;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const load = (offset: number): number[] => [0x28, 2, ...unsigned(offset)];
const loadByte = (offset: number): number[] => [0x2d, 0, ...unsigned(offset)];
const ADD = 0x6a;
const AND = 0x71;
const XOR = 0x73;
const SHIFT_LEFT = 0x74;
const SHIFT_RIGHT = 0x76;
const LESS = 0x49;
const END_OF_BLOCK = 0x0b;

const code = (...parts: (number | number[])[]): number[] => parts.flat();

/** While `$at < $end`: the body, then `$at += step`. */
function loop(body: number[], step: number): number[] {
  const enter = code(0x02, 0x40, 0x03, 0x40, get(AT), get(END), LESS, 0x45, 0x0d, 1);
  const next = code(get(AT), constant(step), ADD, set(AT), 0x0c, 0, END_OF_BLOCK, END_OF_BLOCK);
  return code(enter, body, next);
}

/** The entry of table `k` for byte `index` of `$word`. */
function entry(k: number, index: number): number[] {
  const shift = index === 0 ? code(constant(2), SHIFT_LEFT) : code(constant(index * 8 - 2), SHIFT_RIGHT);
  return code(get(WORD), shift, constant(0x3fc), AND, load(k * TABLE_BYTES));
}

function functionBody(): number[] {
  const step: number[] = [];
  // The first word waits for the checksum of the step before, so it comes last.
  for (const word of [1, 2, 3, 0]) {
    step.push(...get(AT), ...load(DATA_START + word * 4));
    if (word === 0) step.push(...get(CRC), XOR);
    step.push(...set(WORD));
    for (let index = 0; index < 4; index++) {
      step.push(...entry(STEP - 1 - word * 4 - index, index));
      if (word !== 1 || index > 0) step.push(...get(SUM), XOR);
      step.push(...set(SUM));
    }
  }
  step.push(...get(SUM), ...set(CRC));
  const byte = code(get(AT), loadByte(DATA_START), get(CRC), XOR, set(WORD));
  const rest = code(byte, entry(0, 0), get(CRC), constant(8), SHIFT_RIGHT, XOR, set(CRC));
  const steps = code(get(LENGTH), constant(-STEP), AND, set(END), loop(step, STEP));
  return code(steps, get(LENGTH), set(END), loop(rest, 1), get(CRC), END_OF_BLOCK);
}

function moduleBytes(): Uint8Array {
  // Four locals besides the parameters.
  const body = code(1, 4, I32, functionBody());
  const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = section(1, code(1, 0x60, 2, I32, I32, 1, I32));
  const functions = section(3, [1, 0]);
  const memory = section(5, [1, 1, 1, 1]);
  const exported = section(7, code(2, name("memory"), 2, 0, name("crc"), 0, 0));
  const bodies = section(10, code(1, unsigned(body.length), body));
  return Uint8Array.from(code(magic, types, functions, memory, exported, bodies));
}

function section(id: number, content: number[]): number[] {
  return code(id, unsigned(content.length), content);
}

function name(text: string): number[] {
  return code(text.length, [...Buffer.from(text)]);
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : code((value & 0x7f) | 0x80, unsigned(value >>> 7));
}

function signed(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return code((value & 0x7f) | 0x80, signed(value >> 7));
}
