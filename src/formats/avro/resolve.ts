import {
  typeName,
  type AvroField,
  type AvroSchema,
  type EnumSchema,
  type FixedSchema,
  type PrimitiveSchema,
  type RecordSchema,
} from "./schema.ts";

/** How values of a writer's schema become values of a reader's schema: Avro's rules of schema resolution. */
export type Resolved =
  /** The writer's value cannot become one of the reader; in a union that is so only when the branch is met. */
  | { readonly kind: "error"; readonly reason: string }
  | { readonly kind: "null" }
  | {
      readonly kind: "scalar";
      readonly writer: PrimitiveSchema | FixedSchema | EnumSchema;
      readonly reader: PrimitiveSchema | FixedSchema | EnumSchema;
    }
  | { readonly kind: "array"; readonly items: Resolved; readonly writer: AvroSchema }
  | { readonly kind: "map"; readonly values: Resolved; readonly writer: AvroSchema }
  | ResolvedRecord
  /** Of the writer; by the number of the branch. */
  | { readonly kind: "union"; readonly branches: readonly Resolved[] };

export interface ResolvedRecord {
  readonly kind: "record";
  /** In the writer's order. */
  readonly fields: readonly ResolvedField[];
  /** Fields of the reader that the writer has not. */
  readonly defaults: readonly AvroField[];
}

/** A field of the writer; without `name` the reader has no such field. */
export interface ResolvedField {
  readonly writer: AvroSchema;
  readonly name?: string | undefined;
  readonly read?: Resolved | undefined;
}

/** Resolves; the reader's schema is not recursive, so this ends. */
export function resolve(writer: AvroSchema, reader: AvroSchema): Resolved {
  if (writer.type === "union") return { kind: "union", branches: writer.branches.map((one) => resolve(one, reader)) };
  if (reader.type === "union") {
    const branch = branchFor(writer, reader.branches);
    return branch === undefined ? mismatch(writer, reader) : resolve(writer, branch);
  }
  if (writer.type === "null") return reader.type === "null" ? { kind: "null" } : mismatch(writer, reader);
  switch (reader.type) {
    case "array":
      if (writer.type !== "array") break;
      return { kind: "array", items: resolve(writer.items, reader.items), writer: writer.items };
    case "map":
      if (writer.type !== "map") break;
      return { kind: "map", values: resolve(writer.values, reader.values), writer: writer.values };
    case "record":
      if (writer.type === "record") return resolveRecord(writer, reader);
      break;
    default:
      if (writer.type === "array" || writer.type === "map" || writer.type === "record") break;
      if (canBecome(writer, reader)) return { kind: "scalar", writer, reader };
  }
  return mismatch(writer, reader);
}

/** The first branch of the same type, else the first that the writer's values can become. */
function branchFor(writer: AvroSchema, branches: readonly AvroSchema[]): AvroSchema | undefined {
  const same = branches.find((branch) => branch.type === writer.type && resolve(writer, branch).kind !== "error");
  return same ?? branches.find((branch) => resolve(writer, branch).kind !== "error");
}

function resolveRecord(writer: RecordSchema, reader: RecordSchema): Resolved {
  const taken = new Map<string, AvroField>();
  for (const field of reader.fields) {
    const found =
      writer.fields.find((one) => one.name === field.name) ??
      writer.fields.find((one) => field.aliases.includes(one.name));
    if (found !== undefined) taken.set(found.name, field);
    else if (field.default === undefined) {
      const reason = `found ${typeName(writer)}, expecting ${typeName(reader)}, missing required field ${field.name}`;
      return { kind: "error", reason };
    }
  }
  const fields = writer.fields.map((field): ResolvedField => {
    const target = taken.get(field.name);
    if (target === undefined) return { writer: field.schema };
    return {
      writer: field.schema,
      name: target.name,
      read: inField(target.name, resolve(field.schema, target.schema)),
    };
  });
  const failed = fields.find((field) => field.read?.kind === "error")?.read;
  if (failed !== undefined) return failed;
  const present = new Set([...taken.values()].map((field) => field.name));
  return { kind: "record", fields, defaults: reader.fields.filter((field) => !present.has(field.name)) };
}

/** The same with the field's name in front of what is wrong. */
function inField(name: string, resolved: Resolved): Resolved {
  if (resolved.kind === "error") return { kind: "error", reason: `${name}: ${resolved.reason}` };
  if (resolved.kind !== "union") return resolved;
  return { kind: "union", branches: resolved.branches.map((branch) => inField(name, branch)) };
}

function mismatch(writer: AvroSchema, reader: AvroSchema): Resolved {
  return { kind: "error", reason: `found ${describe(writer)}, expecting ${describe(reader)}` };
}

function describe(schema: AvroSchema): string {
  if (schema.type !== "union") return typeName(schema);
  const others = schema.branches.filter((branch) => branch.type !== "null").map(typeName);
  return schema.branches.length === 2 && others.length === 1 ? `${others[0]} or null` : "union";
}

type Leaf = PrimitiveSchema | FixedSchema | EnumSchema;

/** Avro's promotions; and symbols of enums as texts, and fixed bytes as bytes, which Java's Avro refuses. */
function canBecome(writer: Leaf, reader: Leaf): boolean {
  if (reader.type === "enum") return writer.type === "enum" && sameName(writer, reader);
  if (reader.type === "fixed")
    return writer.type === "fixed" && writer.size === reader.size && sameName(writer, reader);
  if (writer.type === reader.type) return true;
  switch (reader.type) {
    case "long":
      return writer.type === "int";
    case "float":
      return writer.type === "int" || writer.type === "long";
    case "double":
      return writer.type === "int" || writer.type === "long" || writer.type === "float";
    case "bytes":
      return writer.type === "string" || writer.type === "fixed";
    case "string":
      return writer.type === "bytes" || writer.type === "enum";
    default:
      return false;
  }
}

/** The same name, with or without namespace, or one of the reader's aliases. */
function sameName(writer: EnumSchema | FixedSchema, reader: EnumSchema | FixedSchema): boolean {
  return simple(writer.name) === simple(reader.name) || reader.aliases.includes(writer.name);
}

function simple(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
