import type { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import { readInt128 } from "../../batch/get.ts";
import { decodeUtf8, encodeUtf8, writeUtf8 } from "../../batch/utf8.ts";
import { isBinary, isText, storageOf, type DataType } from "../../types/data-type.ts";
import type { CallExpr, ColumnExpr, Expr, LiteralExpr } from "../expr.ts";
import type { CallTypes, Evaluator, SessionFacts } from "../function-types.ts";
import type { FunctionLookup, ScalarLike } from "../lookup.ts";
import { exprKey, literalsOf, someExpr } from "../walk.ts";
import { ARENA, Source, zeroOf, type BytesRef, type Ref, type ValueRef } from "./source.ts";
import { TEMPLATES } from "./templates.ts";

/** What a kernel is generated for. */
export interface GeneratorInput {
  readonly input: readonly DataType[];
  /** By column: whether the batch has a NULL mask for it. */
  readonly hasNulls: readonly boolean[];
  readonly lookup: FunctionLookup;
  readonly session: SessionFacts;
  /**
   * The columns are of different rows: column `c` is read at row `row${c}`, which is NULL where `absent${c}` is 1. Default: all
   * at row `i`.
   */
  readonly scattered?: boolean | undefined;
}

/**
 * Turns expressions into statements of one loop body, where `i` is the input row. Each distinct expression is computed
 * once in a scope.
 */
export class Generator {
  readonly source = new Source();
  /** Input columns that the statements read. */
  readonly columns = new Set<number>();
  /** True once a statement may throw. */
  canThrow = false;
  usesArena = false;
  private readonly options: GeneratorInput;
  private readonly keys = new Map<Expr, string>();

  constructor(options: GeneratorInput) {
    this.options = options;
  }

  /** The expression's value, or its bytes when it is text that need not be decoded. */
  ref(expr: Expr): Ref {
    switch (expr.kind) {
      case "column":
        return this.shared(expr, () => this.columnRef(expr));
      case "literal":
        return this.literalRef(expr);
      case "call":
        return this.shared(expr, () => this.callRef(expr));
    }
  }

  /** The expression's value in Value form. */
  value(expr: Expr): ValueRef {
    // A text literal needs no way through its bytes.
    if (expr.kind === "literal") return this.literalValue(expr);
    return this.asValue(expr, this.ref(expr));
  }

  /** The value of an expression whose ref is known. */
  asValue(expr: Expr, ref: Ref): ValueRef {
    if (ref.form === "value") return ref;
    const key = `value ${this.keyOf(expr)}`;
    const known = this.source.find(key);
    if (known?.form === "value") return known;
    const decoded = this.decode(ref, expr.type);
    this.source.remember(key, decoded);
    return decoded;
  }

  /** The text of an expression whose ref is known as bytes: encodes it into the row's arena when it is a value. */
  asBytes(expr: Expr, ref: Ref): BytesRef {
    if (ref.form === "bytes") return ref;
    if (ref.nul === "1")
      return { form: "bytes", data: this.arena, start: "0", length: "0", nul: "1", source: undefined };
    const key = `bytes ${this.keyOf(expr)}`;
    const known = this.source.find(key);
    if (known?.form === "bytes") return known;
    const write = isText(expr.type)
      ? `${this.source.constant(writeUtf8)}(${ref.expr}, ${this.arena})`
      : `${this.source.constant(writeBytes)}(${ref.expr}, ${this.arena})`;
    const bytes = this.arenaBytes(ref.nul === "0" ? write : `${ref.nul} !== 0 ? 0 : ${write}`, ref.nul);
    this.source.remember(key, bytes);
    return bytes;
  }

  /** The bytes that `write`, a JavaScript expression that gives their number, appends to the row's arena. */
  arenaBytes(write: string, nul: string): BytesRef {
    const start = this.source.define(`${this.arena}.length`, "s");
    const length = this.source.define(write, "l");
    // The arena may have moved while it grew; bytes written before stay in the old array, which their refs hold.
    const data = this.source.define(`${this.arena}.bytes`, "d");
    return { form: "bytes", data, start, length, nul, source: undefined };
  }

  /** Name of a ByteWriter that is empty at the start of each row. */
  get arena(): string {
    this.usesArena = true;
    return ARENA;
  }

  /** The function's own evaluator for a call, for what a template leaves to it. */
  evaluatorOf(call: CallExpr): Evaluator | undefined {
    return this.options.lookup.scalar(call.function)?.evaluator(typesOf(call), this.options.session);
  }

  /** A JavaScript condition: the expression is true (`wanted` false: is false), which NULL is not. */
  truth(expr: Expr, wanted = true): string {
    if (expr.kind === "literal") return String(expr.value === wanted);
    if (expr.kind === "call") {
      if (expr.function === "NOT") return this.truth(expr.args[0]!, !wanted);
      if (expr.function === "AND" || expr.function === "OR")
        return this.chain(expr.args, (expr.function === "AND") === wanted, wanted);
    }
    const { expr: value, nul } = this.value(expr);
    if (nul === "1") return "false";
    const test = wanted ? value : `!${value}`;
    return nul === "0" ? test : `(${nul} === 0 && ${test})`;
  }

  /** All (`every`) or any of the arguments have the wanted truth; later ones are evaluated only when needed. */
  private chain(args: readonly Expr[], every: boolean, wanted: boolean): string {
    const [first, ...rest] = args;
    if (first === undefined) return String(every);
    const condition = this.truth(first, wanted);
    if (rest.length === 0) return condition;
    const { lines, result } = this.source.block(() => this.chain(rest, every, wanted));
    if (lines.length === 0) return `(${condition} ${every ? "&&" : "||"} ${result})`;
    const out = this.source.fresh("c");
    this.source.line(`let ${out} = ${!every};`);
    this.source.line(`if (${every ? "" : "!"}(${condition})) {`);
    for (const line of lines) this.source.line(line);
    this.source.line(`${out} = ${result}; }`);
    return out;
  }

  /** True when the call must run wherever it is written. */
  private isVolatile(expr: Expr): boolean {
    return someExpr(
      expr,
      (node) => node.kind === "call" && this.options.lookup.scalar(node.function)?.stability === "row",
    );
  }

  private shared(expr: Expr, make: () => Ref): Ref {
    const key = this.keyOf(expr);
    const known = this.source.find(key);
    if (known !== undefined) return known;
    const ref = make();
    this.source.remember(key, ref);
    return ref;
  }

  private keyOf(expr: Expr): string {
    let key = this.keys.get(expr);
    if (key === undefined) {
      // The same node is one evaluation; another node of the same text is another one when it is volatile.
      key = this.isVolatile(expr) ? `volatile ${this.keys.size}` : exprKey(expr);
      this.keys.set(expr, key);
    }
    return key;
  }

  private columnRef(expr: ColumnExpr): Ref {
    const { index, type } = expr;
    this.columns.add(index);
    const scattered = this.options.scattered === true;
    const i = scattered ? `row${index}` : "i";
    const hasNulls = this.options.hasNulls[index] === true;
    const nul = scattered ? `absent${index}` : hasNulls ? this.source.define(`nulls${index}[i]`, "n") : "0";
    switch (storageOf(type)) {
      case "bool":
        return {
          form: "value",
          expr: this.source.define(`values${index}[${i}] !== 0`, "v"),
          nul: type.kind === "NULL" ? "1" : nul,
        };
      case "i32":
      case "i64":
      case "f64":
      case "any":
        return { form: "value", expr: this.source.define(`values${index}[${i}]`, "v"), nul };
      case "i128":
        return {
          form: "value",
          expr: this.source.define(`${this.source.constant(readInt128)}(values${index}, ${i})`, "v"),
          nul,
        };
      case "bytes": {
        const start = this.source.define(`starts${index}[${i}]`, "s");
        const length = this.source.define(`lengths${index}[${i}]`, "l");
        return { form: "bytes", data: `data${index}`, start, length, nul, source: `data${index}` };
      }
    }
  }

  private literalRef(expr: LiteralExpr): Ref {
    if (expr.value !== null && isText(expr.type)) return this.source.literalBytes(encodeUtf8(expr.value as string));
    if (expr.value !== null && isBinary(expr.type)) return this.source.literalBytes(expr.value as Uint8Array);
    return this.literalValue(expr);
  }

  private literalValue(expr: LiteralExpr): ValueRef {
    if (expr.value === null) return { form: "value", expr: zeroOf(expr.type), nul: "1" };
    if (typeof expr.value === "boolean") return { form: "value", expr: String(expr.value), nul: "0" };
    return { form: "value", expr: this.source.constant(expr.value), nul: "0" };
  }

  private decode(ref: BytesRef, type: DataType): ValueRef {
    const read = isBinary(type)
      ? `${ref.data}.slice(${ref.start}, ${ref.start} + ${ref.length})`
      : `${this.source.constant(decodeUtf8)}(${ref.data}, ${ref.start}, ${ref.length})`;
    if (ref.nul === "1") return { form: "value", expr: zeroOf(type), nul: "1" };
    const guarded = ref.nul === "0" ? read : `${ref.nul} !== 0 ? ${zeroOf(type)} : ${read}`;
    return { form: "value", expr: this.source.define(guarded), nul: ref.nul };
  }

  private callRef(expr: CallExpr): Ref {
    const template = TEMPLATES.get(expr.function)?.(this, expr);
    if (template !== undefined) return template;
    const definition = this.options.lookup.scalar(expr.function);
    if (definition === undefined) throw new SqlError("BUG", `no scalar function ${expr.function}`, { span: expr.span });
    return this.functionCall(expr, definition);
  }

  private functionCall(expr: CallExpr, definition: ScalarLike): Ref {
    const types = typesOf(expr);
    const refs = expr.args.map((arg) => this.value(arg));
    if (definition.nulls === "handled") {
      const args = refs.map(({ expr: value, nul }) =>
        nul === "0" ? value : nul === "1" ? "null" : this.source.define(`${nul} !== 0 ? null : ${value}`),
      );
      const { text, total } = this.application(definition, types, args);
      if (!total) this.canThrow = true;
      return total ? this.notNull(text, expr.type) : this.nullable(text, expr.type);
    }
    const nul = this.source.anyNull(refs.map((ref) => ref.nul));
    if (nul === "1") return { form: "value", expr: zeroOf(expr.type), nul: "1" };
    const { text, total } = this.application(
      definition,
      types,
      refs.map((ref) => ref.expr),
    );
    const harmless = total && cannotThrow(text, types.args);
    if (!harmless) this.canThrow = true;
    const neverNull = total || (isNeverNull(definition, types) && !isText(expr.type));
    return this.result(text, expr.type, nul, neverNull, harmless);
  }

  /**
   * The value that the JavaScript `text` gives where `nul` is 0. `neverNull`: it is not NULL there. `harmless`: it may
   * run, to no avail, where `nul` is 1.
   */
  result(text: string, type: DataType, nul: string, neverNull: boolean, harmless = false): ValueRef {
    if (nul !== "0" && !harmless) return this.guarded(text, type, nul, neverNull);
    return neverNull ? this.notNull(text, type, nul) : this.nullable(text, type);
  }

  /** The JavaScript of a call; `total` when its text alone shows that it is never NULL. */
  private application(
    definition: ScalarLike,
    types: CallTypes,
    args: readonly string[],
  ): { readonly text: string; readonly total: boolean } {
    const { session } = this.options;
    const emitted = definition.emit?.(args, types, { constant: (value) => this.source.constant(value), session });
    if (emitted !== undefined) return { text: emitted, total: isPlainArithmetic(emitted) };
    return { text: `${this.source.constant(definition.evaluator(types, session))}(${args.join(", ")})`, total: false };
  }

  private notNull(text: string, type: DataType, nul = "0"): ValueRef {
    // The truncation is the identity, but tells the optimising compiler that 64-bit machine words do.
    const word =
      storageOf(type) === "i64" && !text.startsWith("BigInt.asIntN(64,") ? `BigInt.asIntN(64, ${text})` : text;
    return { form: "value", expr: this.source.define(word), nul };
  }

  private nullable(text: string, type: DataType): ValueRef {
    const result = this.source.define(text, "r");
    const nul = this.source.define(`${result} === null ? 1 : 0`, "n");
    return { form: "value", expr: this.source.define(`${nul} !== 0 ? ${zeroOf(type)} : ${result}`), nul };
  }

  private guarded(text: string, type: DataType, nul: string, neverNull: boolean): ValueRef {
    const out = this.source.fresh();
    this.source.line(`let ${out} = ${zeroOf(type)};`);
    if (neverNull) {
      this.source.line(`if (${nul} === 0) ${out} = ${text};`);
      return { form: "value", expr: out, nul };
    }
    const outNull = this.source.fresh("n");
    const result = this.source.fresh("r");
    this.source.line(`let ${outNull} = ${nul};`);
    this.source.line(
      `if (${nul} === 0) { const ${result} = ${text}; if (${result} === null) ${outNull} = 1; else ${out} = ${result}; }`,
    );
    return { form: "value", expr: out, nul: outNull };
  }
}

function typesOf(call: CallExpr): CallTypes {
  return { args: call.args.map((arg) => arg.type), result: call.type, literals: literalsOf(call) };
}

function writeBytes(bytes: Uint8Array, out: ByteWriter): number {
  out.copy(bytes, 0, bytes.length);
  return bytes.length;
}

/** True when plain arithmetic works on any values of the types: it may run on rows under a NULL, without a branch. */
function cannotThrow(text: string, args: readonly DataType[]): boolean {
  const storages = args.map(storageOf);
  if (storages.some((storage) => storage === "bytes" || storage === "any")) return false;
  // Division of bigints by zero, huge powers and shifts, and BigInt of a fraction throw.
  if (storages.some((storage) => storage === "i64" || storage === "i128")) return !/[/%]|\*\*|<<|>>/.test(text);
  return !/\bBigInt\(/.test(text) || !storages.includes("f64");
}

/** True when the function says NOT NULL for arguments that are NOT NULL. DECIMAL and texts break that promise in Flink. */
function isNeverNull(definition: ScalarLike, types: CallTypes): boolean {
  if (types.result.kind === "DECIMAL" || storageOf(types.result) === "any") return false;
  const args = types.args.map((type, i) => ({ type: { ...type, nullable: false }, literal: types.literals[i] }));
  return definition.resolve(args)?.type.nullable === false;
}

/**
 * True for JavaScript made of names, operators, numbers and calls that are known to give a number, bigint or boolean:
 * such text is never NULL whatever the function declares.
 */
function isPlainArithmetic(text: string): boolean {
  if (/null|undefined|\?|["'`[{]/.test(text)) return false;
  const rest = text.replace(/\b(Math\.\w+|BigInt\.as(Int|Uint)N|Number\.is\w+|BigInt|Number)\(/g, " (");
  return !/[\w)\]]\(/.test(rest) && !/\.\s*[a-zA-Z_]/.test(rest);
}
