import { createHash } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import { isBinary, isInteger, isText, T, type DataType, type Value } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

function digest(algorithm: string, value: Value): string {
  const hash = createHash(algorithm);
  return (typeof value === "string" ? hash.update(value, "utf8") : hash.update(value as Uint8Array)).digest("hex");
}

function hasBytes(type: DataType): boolean {
  return isText(type) || isBinary(type);
}

function hash(name: string, bits: number, example: string): ScalarFunction {
  const algorithm = name.toLowerCase();
  return scalar({
    name,
    signature: `${name}(<CHARACTER or BINARY>)`,
    resolve: (args) => {
      const [type] = typesOf(args);
      if (type === undefined || args.length !== 1 || !hasBytes(type)) return undefined;
      return { type: T.char(bits / 4, type.nullable) };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: () => (value) => digest(algorithm, value!),
    doc: { summary: `The ${name} hash as hexadecimal digits.`, examples: [[`${name}('')`, example]] },
  });
}

const SHA2_LENGTHS: readonly Value[] = [224, 256, 384, 512];

function checkLength(length: Value, code: "INVALID_LITERAL" | "INVALID_ARGUMENT"): void {
  if (!SHA2_LENGTHS.includes(length)) {
    throw new SqlError(code, `SHA2 has no length of ${String(length)} bits`, { hint: "224, 256, 384 or 512" });
  }
}

const sha2 = scalar({
  name: "SHA2",
  signature: "SHA2(<CHARACTER or BINARY>, <INTEGER> bits)",
  resolve: (args) => {
    const [type, length] = typesOf(args);
    if (type === undefined || length === undefined || args.length !== 2) return undefined;
    if (!hasBytes(type) || !isInteger(length)) return undefined;
    const literal = args[1]!.literal;
    if (typeof literal === "number") checkLength(literal, "INVALID_LITERAL");
    return { type: T.varchar(128, anyNullable([type, length])), args: [type, T.int(length.nullable)] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (value, length) => {
    checkLength(length!, "INVALID_ARGUMENT");
    return digest(`sha${length as number}`, value!);
  },
  doc: {
    summary: "The SHA-2 hash of 224, 256, 384 or 512 bits as hexadecimal digits.",
    examples: [["SHA2('x', 256)", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"]],
  },
});

/** MD5, SHA1 and the SHA-2 family. */
export const hashFunctions: readonly ScalarFunction[] = [
  hash("MD5", 128, "d41d8cd98f00b204e9800998ecf8427e"),
  hash("SHA1", 160, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
  hash("SHA224", 224, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"),
  hash("SHA256", 256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  hash(
    "SHA384",
    384,
    "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
  ),
  hash(
    "SHA512",
    512,
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  ),
  sha2,
];
