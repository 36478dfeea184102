import { isUtf8 } from "node:buffer";
import { SqlError } from "../../base/errors.ts";
import { isBinary, isText, T, type DataType, type Value } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { tableCharset, TABLE_CHARSETS, type Charset } from "./charsets.ts";
import { anyNullable, typesOf } from "./shared.ts";
import { convertedTo, fixedArguments } from "./text-arguments.ts";

/** Bytes of a character up to `most`; others are a question mark. */
function oneByte(most: number): Charset {
  return {
    encode: (text) =>
      Uint8Array.from([...text], (character) => {
        const point = character.codePointAt(0)!;
        return point <= most ? point : 63;
      }),
    decode: (bytes) => {
      let text = "";
      for (const byte of bytes) text += byte <= most ? String.fromCharCode(byte) : "\ufffd";
      return text;
    },
  };
}

function utf16(littleEndian: boolean, mark: boolean): Charset {
  return {
    encode: (text) => {
      const whole = mark ? `\ufeff${text}` : text;
      const view = new DataView(new ArrayBuffer(whole.length * 2));
      for (let i = 0; i < whole.length; i++) view.setUint16(i * 2, whole.charCodeAt(i), littleEndian);
      return new Uint8Array(view.buffer);
    },
    decode: (bytes) => {
      const marked = mark && bytes.length >= 2;
      const little = marked && bytes[0] === 0xff && bytes[1] === 0xfe ? true : littleEndian;
      return new TextDecoder(little ? "utf-16le" : "utf-16be", { ignoreBOM: !mark }).decode(bytes);
    },
  };
}

const UTF8: Charset = {
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
};

const CHARSETS: ReadonlyMap<string, Charset> = new Map<string, Charset>([
  ...["UTF-8", "UTF8"].map((name) => [name, UTF8] as const),
  ...["US-ASCII", "ASCII", "ISO646-US"].map((name) => [name, oneByte(127)] as const),
  ...["ISO-8859-1", "ISO8859_1", "LATIN1", "ISO8859-1"].map((name) => [name, oneByte(255)] as const),
  ...["UTF-16", "UTF16"].map((name) => [name, utf16(false, true)] as const),
  ["UTF-16BE", utf16(false, false)],
  ["UTF-16LE", utf16(true, false)],
]);

function charsetOf(name: Value): Charset {
  const key = (name as string).toUpperCase();
  const charset = CHARSETS.get(key) ?? tableCharset(key);
  if (charset === undefined) {
    throw new SqlError("INVALID_ARGUMENT", `Unknown character set '${name as string}'`, {
      hint: `US-ASCII, ISO-8859-1, UTF-8, UTF-16, UTF-16BE, UTF-16LE, ${TABLE_CHARSETS.join(", ")}`,
    });
  }
  return charset;
}

const encode = scalar({
  name: "ENCODE",
  signature: "ENCODE(<CHARACTER>, <CHARACTER> charset)",
  resolve: fixedArguments(["text", "text"], () => T.bytes()),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, charset) => charsetOf(charset!).encode(text as string),
  doc: {
    summary:
      "The bytes of the text in a character set: US-ASCII, ISO-8859-1 to 15, UTF-8, UTF-16, UTF-16BE, UTF-16LE, windows-1250 to 1258, KOI8-R, KOI8-U, IBM866, GBK, GB2312, Shift_JIS, windows-31j, EUC-KR.",
    examples: [
      ["ENCODE('hé', 'UTF-16')", "x'feff006800e9'"],
      ["ENCODE('你a한', 'GBK')", "x'c4e3613f'"],
    ],
  },
});

const decode = scalar({
  name: "DECODE",
  signature: "DECODE(<BINARY>, <CHARACTER> charset)",
  resolve: (args) => {
    const [bytes, charset] = typesOf(args);
    if (bytes === undefined || charset === undefined || args.length !== 2) return undefined;
    const name = convertedTo(charset, "text");
    if (!isBinary(bytes) || name === undefined) return undefined;
    return { type: T.string(anyNullable([bytes, charset])), args: [bytes, name] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (bytes, charset) => charsetOf(charset!).decode(bytes as Uint8Array),
  doc: {
    summary: "The text that bytes are in a character set.",
    examples: [
      ["DECODE(x'68c3a9', 'UTF-8')", "hé"],
      ["DECODE(x'93fa967b', 'SJIS')", "日本"],
    ],
  },
});

/** Functions of bytes that may be text in UTF-8 (Flink 2.3). */
function utf8(
  name: "IS_VALID_UTF8" | "MAKE_VALID_UTF8",
  type: (nullable: boolean) => DataType,
  apply: (bytes: Uint8Array) => Value,
  doc: ScalarFunction["doc"],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<BINARY>)`,
    resolve: (args) => {
      const [bytes] = typesOf(args);
      if (bytes === undefined || args.length !== 1 || !isBinary(bytes)) return undefined;
      return { type: type(bytes.nullable), args: [bytes] };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: () => (bytes) => apply(bytes as Uint8Array),
    doc,
  });
}

function base64(
  name: "TO_BASE64" | "FROM_BASE64",
  summary: string,
  apply: (value: Value) => string,
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER or BINARY>)`,
    resolve: (args) => {
      const [type] = typesOf(args);
      if (type === undefined || args.length !== 1 || !(isText(type) || isBinary(type))) return undefined;
      return { type: T.string(type.nullable) };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: () => apply as (value: Value | undefined) => string,
    doc: { summary, examples: [example] },
  });
}

function toBase64(value: Value): string {
  return (typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value as Uint8Array)).toString("base64");
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Padding may be left out, but then all of it. */
function fromBase64(value: Value): string {
  const text = typeof value === "string" ? value : Buffer.from(value as Uint8Array).toString("latin1");
  const digits = text.replace(/=+$/, "").length;
  if (!BASE64.test(text) || digits % 4 === 1 || (digits < text.length && text.length % 4 !== 0)) {
    throw new SqlError("INVALID_ARGUMENT", `'${text}' is not Base64`);
  }
  return UTF8.decode(Buffer.from(text, "base64"));
}

/** Character sets and Base64. */
export const encodeFunctions: readonly ScalarFunction[] = [
  encode,
  decode,
  base64("TO_BASE64", "The bytes (of a text: in UTF-8) in Base64.", toBase64, ["TO_BASE64('hällo')", "aMOkbGxv"]),
  base64("FROM_BASE64", "The text in UTF-8 that is written in Base64.", fromBase64, ["FROM_BASE64('aGk=')", "hi"]),
  utf8("IS_VALID_UTF8", (nullable) => T.boolean(nullable), isUtf8, {
    summary: "Whether the bytes are text in UTF-8 (Flink 2.3).",
    examples: [["IS_VALID_UTF8(x'c328')", "FALSE"]],
  }),
  utf8(
    "MAKE_VALID_UTF8",
    (nullable) => T.string(nullable),
    (bytes) => UTF8.decode(bytes),
    {
      summary: "The text that the bytes are in UTF-8, with U+FFFD for what is none (Flink 2.3).",
      examples: [["MAKE_VALID_UTF8(x'61c328')", "a\uFFFD("]],
    },
  ),
];
