/** WebAssembly modules of one function, assembled from their parts: what JavaScript has no instruction for. */

/** What is used of WebAssembly; the types of Node 20 do not declare it. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; readonly run: WasmFunction };
  };
}

export type WasmFunction = (...args: readonly number[]) => number;

/** The binary form of a function, see the text form beside each use. */
export interface WasmParts {
  /** Number of parameters, all of type i32. */
  readonly parameters: number;
  /** It gives an i32. */
  readonly result: boolean;
  /** Locals behind the parameters: how many of which type. */
  readonly locals: readonly [count: number, type: number][];
  /** Instructions, without the last `end`. */
  readonly body: readonly number[];
  /** Memory, in pages of 64 kB. */
  readonly pages: number;
}

export interface WasmInstance {
  readonly memory: ArrayBuffer;
  readonly run: WasmFunction;
}

/** The function, ready to be called; undefined where there is no WebAssembly (node --jitless) or not these instructions. */
export function instantiate(parts: WasmParts): WasmInstance | undefined {
  const wasm = (globalThis as unknown as { readonly WebAssembly?: WasmApi }).WebAssembly;
  if (wasm === undefined) return undefined;
  try {
    const { memory, run } = new wasm.Instance(new wasm.Module(moduleBytes(parts))).exports;
    return { memory: memory.buffer, run };
  } catch {
    // A processor without the instructions, or no room for the memory.
    return undefined;
  }
}

export const I32 = 0x7f;
export const V128 = 0x7b;
export const ADD = 0x6a;
export const AND = 0x71;
export const OR = 0x72;
export const XOR = 0x73;
export const SHIFT_LEFT = 0x74;
export const SHIFT_RIGHT = 0x76;
const LESS = 0x49;
const EQUALS_ZERO = 0x45;
const END_OF_BLOCK = 0x0b;

export const code = (...parts: (number | readonly number[])[]): number[] => parts.flat();
export const get = (local: number): number[] => [0x20, local];
export const set = (local: number): number[] => [0x21, local];
export const tee = (local: number): number[] => [0x22, local];
export const constant = (value: number): number[] => [0x41, ...signed(value)];
export const load = (offset: number): number[] => [0x28, 2, ...unsigned(offset)];
export const loadByte = (offset: number): number[] => [0x2d, 0, ...unsigned(offset)];
export const store = (offset: number): number[] => [0x36, 2, ...unsigned(offset)];
/** An instruction over 16 bytes. */
export const simd = (instruction: number, ...operands: number[]): number[] => [
  0xfd,
  ...unsigned(instruction),
  ...operands,
];

/** While the local `at` is less (unsigned) than the local `end`: the body, then `at += step`. */
export function loop(at: number, end: number, body: readonly number[], step: number): number[] {
  const enter = code(0x02, 0x40, 0x03, 0x40, get(at), get(end), LESS, EQUALS_ZERO, 0x0d, 1);
  const next = code(get(at), constant(step), ADD, set(at), 0x0c, 0, END_OF_BLOCK, END_OF_BLOCK);
  return code(enter, body, next);
}

function moduleBytes({ parameters, result, locals, body, pages }: WasmParts): Uint8Array {
  const content = code(locals.length, locals.flat(), body, END_OF_BLOCK);
  const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const inputs: number[] = Array.from({ length: parameters }, () => I32);
  const types = section(1, code(1, 0x60, parameters, inputs, result ? [1, I32] : [0]));
  const functions = section(3, [1, 0]);
  const memory = section(5, [1, 1, pages, pages]);
  const exported = section(7, code(2, name("memory"), 2, 0, name("run"), 0, 0));
  const bodies = section(10, code(1, unsigned(content.length), content));
  return Uint8Array.from(code(magic, types, functions, memory, exported, bodies));
}

function section(id: number, content: readonly number[]): number[] {
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
