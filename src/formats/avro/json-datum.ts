import type { ByteWriter } from "../../base/byte-writer.ts";
import { RecordProblem } from "../record-problem.ts";
import { writeBytes, writeDouble, writeFloat, writeInt, writeLong, writeText } from "./binary.ts";
import { typeName, type AvroSchema } from "./schema.ts";

/** A number of a JSON text as it stands there: doubles would change large ones. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Appends a JSON value as Avro's binary. `encoding`: by Avro's JSON encoding, where values of unions name their branch;
 * `default`: by the rules of a field's default, which is of the first branch that takes it. Throws RecordProblem.
 */
export function writeJsonDatum(out: ByteWriter, schema: AvroSchema, json: unknown, mode: "encoding" | "default"): void {
  switch (schema.type) {
    case "null":
      if (json !== null) throw unexpected(schema, json);
      return;
    case "boolean":
      if (typeof json !== "boolean") throw unexpected(schema, json);
      return out.byte(json ? 1 : 0);
    case "int":
      return writeInt(out, Number(integer(schema, json, 31n)));
    case "long":
      return writeLong(out, integer(schema, json, 63n));
    case "float":
      return writeFloat(out, floating(schema, json));
    case "double":
      return writeDouble(out, floating(schema, json));
    case "string":
      if (typeof json !== "string") throw unexpected(schema, json);
      return writeText(out, json);
    case "bytes":
      return writeBytes(out, latin1(schema, json));
    case "fixed": {
      const bytes = latin1(schema, json);
      if (bytes.length !== schema.size) throw unexpected(schema, json);
      return out.copy(bytes, 0, bytes.length);
    }
    case "enum": {
      const symbol = typeof json === "string" ? schema.symbols.indexOf(json) : -1;
      if (symbol < 0) throw unexpected(schema, json);
      return writeInt(out, symbol);
    }
    case "array":
      if (!Array.isArray(json)) throw unexpected(schema, json);
      if (json.length > 0) writeInt(out, json.length);
      for (const item of json as readonly unknown[]) writeJsonDatum(out, schema.items, item, mode);
      return writeInt(out, 0);
    case "map": {
      const members = Object.entries(object(schema, json));
      if (members.length > 0) writeInt(out, members.length);
      for (const [key, value] of members) {
        writeText(out, key);
        writeJsonDatum(out, schema.values, value, mode);
      }
      return writeInt(out, 0);
    }
    case "record": {
      const members = object(schema, json);
      for (const field of schema.fields) {
        const given = Object.hasOwn(members, field.name);
        if (!given && (mode === "encoding" || field.default === undefined))
          throw new RecordProblem(`Expected field name not found: ${field.name}`);
        writeJsonDatum(out, field.schema, given ? members[field.name] : field.default, given ? mode : "default");
      }
      return;
    }
    case "union":
      return mode === "default" ? firstBranch(out, schema.branches, json) : namedBranch(out, schema.branches, json);
  }
}

function namedBranch(out: ByteWriter, branches: readonly AvroSchema[], json: unknown): void {
  let name = "null";
  let value: unknown = null;
  if (json !== null) {
    const entries = typeof json === "object" && !Array.isArray(json) ? Object.entries(json) : [];
    if (entries.length !== 1) throw new RecordProblem(`Expected start-union. Got ${shown(json)}`);
    [name, value] = entries[0] as [string, unknown];
  }
  const index = branches.findIndex((branch) => typeName(branch) === name);
  if (index < 0) throw new RecordProblem(`Unknown union branch ${name}`);
  writeInt(out, index);
  writeJsonDatum(out, branches[index]!, value, "encoding");
}

function firstBranch(out: ByteWriter, branches: readonly AvroSchema[], json: unknown): void {
  const { length } = out;
  for (const [index, branch] of branches.entries()) {
    try {
      writeInt(out, index);
      return writeJsonDatum(out, branch, json, "default");
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      out.length = length;
    }
  }
  throw new RecordProblem(`no branch of the union takes ${shown(json)}`);
}

function integer(schema: AvroSchema, json: unknown, bits: bigint): bigint {
  const text = json instanceof JsonNumber ? json.text : typeof json === "number" ? String(json) : "";
  if (!/^-?\d+$/.test(text) || text.length > 20) throw unexpected(schema, json);
  const value = BigInt(text);
  if (value >= 1n << bits || value < -(1n << bits))
    throw new RecordProblem(`Numeric value (${text}) out of range of ${schema.type}`);
  return value;
}

const NO_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

function floating(schema: AvroSchema, json: unknown): number {
  if (json instanceof JsonNumber) return Number(json.text);
  if (typeof json === "number") return json;
  const special = typeof json === "string" && Object.hasOwn(NO_NUMBERS, json) ? NO_NUMBERS[json] : undefined;
  if (special === undefined) throw unexpected(schema, json);
  return special;
}

/** Bytes are texts of characters up to U+00FF. */
function latin1(schema: AvroSchema, json: unknown): Uint8Array {
  if (typeof json !== "string") throw unexpected(schema, json);
  return Buffer.from(json, "latin1");
}

function object(schema: AvroSchema, json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json) || json instanceof JsonNumber)
    throw unexpected(schema, json);
  return json as Readonly<Record<string, unknown>>;
}

function unexpected(schema: AvroSchema, json: unknown): RecordProblem {
  return new RecordProblem(`Expected ${schema.type === "record" ? "record-start" : schema.type}. Got ${shown(json)}`);
}

function shown(json: unknown): string {
  const text = json instanceof JsonNumber ? json.text : (JSON.stringify(json) ?? "nothing");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
