import {
  AND,
  code,
  constant,
  get,
  I32,
  instantiate,
  load,
  loadByte,
  loop,
  set,
  SHIFT_LEFT,
  SHIFT_RIGHT,
  XOR,
} from "../../../base/wasm.ts";

/** The reversed polynomial of CRC-32C (Castagnoli). */
const POLYNOMIAL = 0x82f63b78;
/** Bytes of one step: sixteen tables, one for each byte of the step. */
const STEP = 16;
const TABLE_BYTES = 1024;
/** In the memory of the module (one page): the tables, then the bytes of one call. */
const DATA_START = STEP * TABLE_BYTES;
const DATA_BYTES = (1 << 16) - DATA_START;

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
  const tables = createTables();
  const wasm = instantiate({ parameters: 2, result: true, locals: [[4, I32]], body: functionBody(), pages: 1 });
  if (wasm === undefined) return inJavaScript(tables);
  new Int32Array(wasm.memory, 0, tables.length).set(tables);
  return { data: new Uint8Array(wasm.memory, DATA_START, DATA_BYTES), crc: wasm.run };
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

// Text form of the function:
//   (func (param $crc i32) (param $length i32) (result i32) (local $at i32) (local $end i32) (local $word i32) …)
const CRC = 0;
const LENGTH = 1;
const AT = 2;
const END = 3;
const WORD = 4;
const SUM = 5;

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
  const steps = code(get(LENGTH), constant(-STEP), AND, set(END), loop(AT, END, step, STEP));
  return code(steps, get(LENGTH), set(END), loop(AT, END, rest, 1), get(CRC));
}
