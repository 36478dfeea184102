import { isUtf8 } from "node:buffer";
import type { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../batch/utf8.ts";
import { writeJsonString, unescape } from "../json/string.ts";
import { JsonTokens, Token } from "../json/tokens.ts";
import { RecordProblem } from "../record-problem.ts";
import { writeDouble, writeFloat } from "../text/write.ts";
import type { Cursor } from "./cursor.ts";
import { JsonNumber, writeJsonDatum } from "./json-datum.ts";
import { typeName, type AvroSchema } from "./schema.ts";

/** Avro's JSON encoding, as a detour over the binary one: it is for people to read, and seldom used. */
export class JsonEncoding {
  private readonly tokens = new JsonTokens();

  /** Appends the record of a JSON text in binary. Throws RecordProblem. */
  toBinary(data: Uint8Array, start: number, end: number, schema: AvroSchema, out: ByteWriter): void {
    if (!isUtf8(data.subarray(start, end))) throw new RecordProblem("invalid UTF-8");
    this.tokens.reset(data, start, end);
    const json = this.value();
    if (this.tokens.peek() !== 0 || this.tokens.pos < end)
      throw new RecordProblem(`text behind the record ${this.tokens.where()}`);
    writeJsonDatum(out, schema, json, "encoding");
  }

  private value(): unknown {
    const { tokens } = this;
    switch (tokens.value()) {
      case Token.String:
        return this.text();
      case Token.Integer:
      case Token.Float:
        return new JsonNumber(decodeUtf8(tokens.data, tokens.start, tokens.stop - tokens.start));
      case Token.True:
        return true;
      case Token.False:
        return false;
      case Token.Null:
        return null;
      case Token.Array: {
        const items: unknown[] = [];
        if (!tokens.open(93)) return items;
        do items.push(this.value());
        while (tokens.next(93));
        return items;
      }
      case Token.Object: {
        const members = Object.create(null) as Record<string, unknown>;
        if (!tokens.open(125)) return members;
        do {
          tokens.name();
          const name = this.text();
          members[name] = this.value();
        } while (tokens.next(125));
        return members;
      }
    }
  }

  private text(): string {
    const { data, start, stop, escaped } = this.tokens;
    if (!escaped) return decodeUtf8(data, start, stop - start);
    const bytes = new Uint8Array(stop - start);
    return decodeUtf8(bytes, 0, unescape(data, start, stop - start, bytes, 0));
  }
}

/** Appends the value at the cursor as JSON. */
export function writeAsJson(out: ByteWriter, schema: AvroSchema, cursor: Cursor): void {
  switch (schema.type) {
    case "null":
      return out.text("null");
    case "boolean":
      return out.text(String(cursor.boolean()));
    case "int":
      return out.text(String(cursor.int()));
    case "long":
      return out.text(String(cursor.long()));
    case "float":
      return floating(out, cursor.float(), true);
    case "double":
      return floating(out, cursor.double(), false);
    case "string": {
      const length = cursor.length();
      return writeJsonString(out, cursor.b, cursor.skip(length), length, true);
    }
    case "bytes":
    case "fixed":
      return writeJsonText(
        out,
        Buffer.from(cursor.bytes(schema.type === "fixed" ? schema.size : undefined)).toString("latin1"),
      );
    case "enum":
      return writeJsonText(out, schema.symbols[cursor.int()] ?? cursor.fail("a symbol that the enum does not have"));
    case "array": {
      let separator = 91;
      for (let count = cursor.longNumber(); count > 0; count = cursor.longNumber()) {
        for (let i = 0; i < count; i++, separator = 44) {
          out.byte(separator);
          writeAsJson(out, schema.items, cursor);
        }
      }
      if (separator === 91) out.byte(91);
      return out.byte(93);
    }
    case "map": {
      let separator = 123;
      for (let count = cursor.longNumber(); count > 0; count = cursor.longNumber()) {
        for (let i = 0; i < count; i++, separator = 44) {
          out.byte(separator);
          writeJsonText(out, cursor.text());
          out.byte(58);
          writeAsJson(out, schema.values, cursor);
        }
      }
      if (separator === 123) out.byte(123);
      return out.byte(125);
    }
    case "record": {
      let separator = 123;
      for (const field of schema.fields) {
        out.byte(separator);
        separator = 44;
        writeJsonText(out, field.name);
        out.byte(58);
        writeAsJson(out, field.schema, cursor);
      }
      if (separator === 123) out.byte(123);
      return out.byte(125);
    }
    case "union": {
      const branch = schema.branches[cursor.int()] ?? cursor.fail("a branch that the union does not have");
      if (branch.type === "null") return out.text("null");
      out.byte(123);
      writeJsonText(out, typeName(branch));
      out.byte(58);
      writeAsJson(out, branch, cursor);
      return out.byte(125);
    }
  }
}

function writeJsonText(out: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text);
  writeJsonString(out, bytes, 0, bytes.length, true);
}

/** JSON has no NaN and no infinity; they are written as texts. */
function floating(out: ByteWriter, value: number, single: boolean): void {
  const finite = Number.isFinite(value);
  if (!finite) out.byte(34);
  if (single) writeFloat(out, value);
  else writeDouble(out, value);
  if (!finite) out.byte(34);
}
