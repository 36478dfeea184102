import { SqlError } from "../../base/errors.ts";

/** Converts between a charset and text. `undefined` in `raw` options means UTF-8, whose bytes are the text already. */
export interface Charset {
  decode(bytes: Uint8Array): string;
  encode(text: string): Uint8Array;
}

/** The charset of a Java name; undefined for UTF-8. Throws OPTION_INVALID for unknown names. */
export function charsetOf(name: string): Charset | undefined {
  const label = name.toLowerCase();
  if (label === "utf-8" || label === "utf8") return undefined;
  const encode = ENCODERS[label];
  if (encode === undefined) {
    throw new SqlError("OPTION_INVALID", `option 'raw.charset' cannot be '${name}'`, {
      hint: `one of UTF-8, ${Object.keys(ENCODERS).join(", ").toUpperCase()}`,
    });
  }
  // windows-1252 is what the web calls latin1; true ISO-8859-1 and ASCII are decoded by Buffer.
  const node = label === "us-ascii" || label === "ascii" ? "ascii" : "latin1";
  if (label.startsWith("utf-16")) {
    const decoder = new TextDecoder(label === "utf-16le" ? "utf-16le" : "utf-16be");
    return { decode: (bytes) => decoder.decode(bytes), encode };
  }
  return { decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(node), encode };
}

const singleByte =
  (last: number) =>
  (text: string): Uint8Array =>
    Uint8Array.from([...text], (c) => (c.codePointAt(0)! <= last ? c.codePointAt(0)! : 63));

const littleEndian = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le"));
const bigEndian = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le").swap16());

const ENCODERS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "iso-8859-1": singleByte(255),
  latin1: singleByte(255),
  "us-ascii": singleByte(127),
  ascii: singleByte(127),
  "utf-16le": littleEndian,
  "utf-16be": bigEndian,
  "utf-16": (text) => Uint8Array.from([0xfe, 0xff, ...bigEndian(text)]),
};
