import { isText, storageOf, type DataType } from "../../types/data-type.ts";

/**
 * Where generated code has a value. `nul` is a JavaScript expression of 0 or 1: the literal `0` (never NULL), the
 * literal `1` (always) or a variable. Under a NULL the value is unspecified, but of its JavaScript type, so that
 * arithmetic on it does no harm; bytes must not be touched.
 */
export type Ref = ValueRef | BytesRef;

/** In Value form: `expr` is a variable, a constant's name or a JavaScript literal. */
export interface ValueRef {
  readonly form: "value";
  readonly expr: string;
  readonly nul: string;
}

/** Text or bytes, not decoded: `data[start .. start + length)`. */
export interface BytesRef {
  readonly form: "bytes";
  readonly data: string;
  readonly start: string;
  readonly length: string;
  readonly nul: string;
  /** The name of the array that `data` always is, when all rows point into one; output can then share it. */
  readonly source: string | undefined;
}

/** The name of the array that holds the bytes of all text literals of a kernel. */
export const LITERAL_BYTES = "lit";

/** The name of the ByteWriter that holds bytes made for the current row. */
export const ARENA = "arena";

/** What stands in a variable while its value is NULL. */
export function zeroOf(type: DataType): string {
  switch (storageOf(type)) {
    case "bool":
      return "false";
    case "i32":
    case "f64":
      return "0";
    case "i64":
    case "i128":
      return "0n";
    case "bytes":
      return isText(type) ? '""' : "null";
    case "any":
      return "null";
  }
}

/** Statements under construction, the constant pool, and what is already computed at this point. */
export class Source {
  readonly pool: unknown[] = [];
  private readonly poolNames = new Map<unknown, string>();
  private lines: string[] = [];
  private scopes: Map<string, Ref>[] = [new Map()];
  private nameCount = 0;
  private readonly literals: Uint8Array[] = [];
  private literalSize = 0;
  private readonly literalRefs = new Map<string, BytesRef>();

  /** Name of a constant. Values never enter the source text. */
  constant(value: unknown): string {
    const known = Object.is(value, -0) ? undefined : this.poolNames.get(value);
    if (known !== undefined) return known;
    const name = `k${this.pool.length}`;
    this.pool.push(value);
    this.poolNames.set(value, name);
    return name;
  }

  /** Bytes in the literal array. */
  literalBytes(bytes: Uint8Array): BytesRef {
    const key = Buffer.from(bytes).toString("latin1");
    const known = this.literalRefs.get(key);
    if (known !== undefined) return known;
    const start = this.constant(this.literalSize);
    const length = this.constant(bytes.length);
    const ref: BytesRef = { form: "bytes", data: LITERAL_BYTES, start, length, nul: "0", source: LITERAL_BYTES };
    this.literals.push(bytes);
    this.literalSize += bytes.length;
    this.literalRefs.set(key, ref);
    return ref;
  }

  /** All literal bytes, once generation is over. */
  allLiteralBytes(): Uint8Array {
    const all = new Uint8Array(this.literalSize);
    let offset = 0;
    for (const bytes of this.literals) {
      all.set(bytes, offset);
      offset += bytes.length;
    }
    return all;
  }

  /** A new variable name. */
  fresh(prefix = "t"): string {
    return `${prefix}${this.nameCount++}`;
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** Declares a variable of the expression's value; returns its name. */
  define(expr: string, prefix = "t"): string {
    const name = this.fresh(prefix);
    this.lines.push(`const ${name} = ${expr};`);
    return name;
  }

  /** Runs `body` in an inner scope: what it computes is forgotten afterwards. Returns its statements and its result. */
  block<T>(body: () => T): { readonly lines: readonly string[]; readonly result: T } {
    const outer = this.lines;
    this.lines = [];
    this.scopes.push(new Map());
    const result = body();
    const lines = this.lines;
    this.scopes.pop();
    this.lines = outer;
    return { lines, result };
  }

  /** Emits `head { … }` with what `body` emits. */
  nest(head: string, body: () => void): void {
    const { lines } = this.block(body);
    this.lines.push(`${head} {`, ...lines, "}");
  }

  /** What was remembered under the key in this or an outer scope. */
  find(key: string): Ref | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const ref = this.scopes[i]!.get(key);
      if (ref !== undefined) return ref;
    }
    return undefined;
  }

  remember(key: string, ref: Ref): void {
    this.scopes[this.scopes.length - 1]!.set(key, ref);
  }

  /** One flag that is set when any of the given is. */
  anyNull(flags: readonly string[]): string {
    const distinct = [...new Set(flags)].filter((flag) => flag !== "0");
    if (distinct.includes("1")) return "1";
    if (distinct.length === 0) return "0";
    return distinct.length === 1 ? distinct[0]! : this.define(distinct.join(" | "), "n");
  }

  text(): string {
    return this.lines.join("\n");
  }
}
