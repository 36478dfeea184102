import type { DecimalSize } from "../../types/decimal.ts";

/** What an Avro schema says about a value beside its form; unknown or invalid logical types are left out, as Avro demands. */
export interface LogicalType {
  readonly name: string;
  /** Of `decimal`. */
  readonly size?: DecimalSize | undefined;
}

export type PrimitiveName = "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";

export interface PrimitiveSchema {
  readonly type: PrimitiveName;
  readonly logical?: LogicalType | undefined;
}

export interface FixedSchema {
  readonly type: "fixed";
  readonly name: string;
  readonly aliases: readonly string[];
  readonly size: number;
  readonly logical?: LogicalType | undefined;
}

export interface EnumSchema {
  readonly type: "enum";
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  readonly default?: string | undefined;
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly schema: AvroSchema;
  /** Undefined: there is none. */
  readonly default?: unknown;
}

export interface RecordSchema {
  readonly type: "record";
  readonly name: string;
  readonly aliases: readonly string[];
  /** Filled after the record is known by its name, because fields may hold the record again. */
  readonly fields: readonly AvroField[];
}

export interface ArraySchema {
  readonly type: "array";
  readonly items: AvroSchema;
}

export interface MapSchema {
  readonly type: "map";
  readonly values: AvroSchema;
}

export interface UnionSchema {
  readonly type: "union";
  readonly branches: readonly AvroSchema[];
}

/** An Avro schema; names are resolved, so that a recursive schema is a graph. */
export type AvroSchema =
  | PrimitiveSchema
  | FixedSchema
  | EnumSchema
  | RecordSchema
  | ArraySchema
  | MapSchema
  | UnionSchema;

/** Why a text is no Avro schema. */
export class SchemaProblem {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveName>([
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
]);

/** Deeper schemas are refused. */
const MAX_DEPTH = 200;

/** Named types, by full name. */
export type NamedTypes = Map<string, AvroSchema>;

/** Parses the text of a schema; `names`: types that it may refer to, to which its own are added. Throws SchemaProblem. */
export function parseSchema(text: string, names: NamedTypes = new Map()): AvroSchema {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The name of a primitive or known type may stand there without quotes.
    json = text.trim();
    if (!/^[A-Za-z_][\w.]*$/.test(json as string)) throw new SchemaProblem("the schema is not JSON");
  }
  return new SchemaParser(names).schema(json, "", 0);
}

type Json = Readonly<Record<string, unknown>>;

class SchemaParser {
  private readonly names: NamedTypes;

  constructor(names: NamedTypes) {
    this.names = names;
  }

  schema(json: unknown, namespace: string, depth: number): AvroSchema {
    if (depth > MAX_DEPTH) throw new SchemaProblem("the schema is nested too deeply");
    if (typeof json === "string") return this.named(json, namespace);
    if (Array.isArray(json)) return this.union(json, namespace, depth);
    if (typeof json !== "object" || json === null) throw new SchemaProblem(`${JSON.stringify(json)} is no schema`);
    const object = json as Json;
    const { type } = object;
    switch (type) {
      case "record":
      case "error":
        return this.record(object, namespace, depth);
      case "enum":
        return this.enumeration(object, namespace);
      case "fixed":
        return this.fixed(object, namespace);
      case "array":
        return { type: "array", items: this.schema(object["items"], namespace, depth + 1) };
      case "map":
        return { type: "map", values: this.schema(object["values"], namespace, depth + 1) };
      default:
    }
    if (typeof type === "string" && PRIMITIVES.has(type))
      return { type: type as PrimitiveName, logical: logicalOf(object, type) };
    return this.schema(type, namespace, depth + 1);
  }

  private named(name: string, namespace: string): AvroSchema {
    if (PRIMITIVES.has(name)) return { type: name as PrimitiveName };
    const full = fullName(name, namespace);
    const found = this.names.get(full) ?? this.names.get(name);
    if (found === undefined) throw new SchemaProblem(`unknown type '${full}'`);
    return found;
  }

  private union(json: readonly unknown[], namespace: string, depth: number): UnionSchema {
    const branches = json.map((branch) => this.schema(branch, namespace, depth + 1));
    const seen = new Set<string>();
    for (const branch of branches) {
      if (branch.type === "union") throw new SchemaProblem("a union directly inside a union");
      const name = typeName(branch);
      if (seen.has(name)) throw new SchemaProblem(`'${name}' twice in one union`);
      seen.add(name);
    }
    return { type: "union", branches };
  }

  private record(json: Json, outer: string, depth: number): RecordSchema {
    const { name, aliases, namespace } = declaredName(json, outer);
    if (!Array.isArray(json["fields"])) throw new SchemaProblem(`the record '${name}' has no fields`);
    const fields: AvroField[] = [];
    const record: RecordSchema = { type: "record", name, aliases, fields };
    this.define(name, record);
    const seen = new Set<string>();
    for (const field of json["fields"] as readonly Json[]) {
      const fieldName = field["name"];
      if (typeof fieldName !== "string") throw new SchemaProblem(`a field of the record '${name}' has no name`);
      checkName(fieldName);
      if (seen.has(fieldName)) throw new SchemaProblem(`the field '${fieldName}' twice in the record '${name}'`);
      seen.add(fieldName);
      fields.push({
        name: fieldName,
        aliases: texts(field["aliases"]),
        schema: this.schema(field["type"], namespace, depth + 1),
        default: field["default"],
      });
    }
    return record;
  }

  private enumeration(json: Json, outer: string): EnumSchema {
    const { name, aliases } = declaredName(json, outer);
    const symbols = texts(json["symbols"]);
    const fallback = json["default"];
    const schema: EnumSchema = {
      type: "enum",
      name,
      aliases,
      symbols,
      default: typeof fallback === "string" ? fallback : undefined,
    };
    this.define(name, schema);
    return schema;
  }

  private fixed(json: Json, outer: string): FixedSchema {
    const { name, aliases } = declaredName(json, outer);
    const size = json["size"];
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0)
      throw new SchemaProblem(`the fixed type '${name}' has no valid size`);
    const schema: FixedSchema = { type: "fixed", name, aliases, size, logical: logicalOf(json, "fixed") };
    this.define(name, schema);
    return schema;
  }

  private define(name: string, schema: AvroSchema): void {
    if (this.names.has(name)) throw new SchemaProblem(`the type '${name}' is declared twice`);
    this.names.set(name, schema);
  }
}

function declaredName(json: Json, outer: string): { name: string; aliases: readonly string[]; namespace: string } {
  const { name, namespace } = json;
  if (typeof name !== "string") throw new SchemaProblem("a named type without a name");
  const full = fullName(name, typeof namespace === "string" ? namespace : outer);
  for (const part of full.split(".")) checkName(part);
  const dot = full.lastIndexOf(".");
  const space = dot < 0 ? "" : full.slice(0, dot);
  return { name: full, aliases: texts(json["aliases"]).map((alias) => fullName(alias, space)), namespace: space };
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function checkName(name: string): void {
  if (!/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name)) throw new SchemaProblem(`Illegal character in: ${name}`);
}

function texts(json: unknown): string[] {
  return Array.isArray(json) ? json.filter((one) => typeof one === "string") : [];
}

function logicalOf(json: Json, type: string): LogicalType | undefined {
  const name = json["logicalType"];
  if (typeof name !== "string") return undefined;
  if (name !== "decimal") return { name };
  const precision = json["precision"];
  const scale = json["scale"] ?? 0;
  const valid =
    (type === "bytes" || type === "fixed") &&
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    (precision as number) > 0 &&
    (scale as number) >= 0 &&
    (scale as number) <= (precision as number);
  return valid ? { name, size: { precision: precision as number, scale: scale as number } } : undefined;
}

/** The name by which a union tells its branches apart: the full name of named types, else the word of the type. */
export function typeName(schema: AvroSchema): string {
  return schema.type === "record" || schema.type === "enum" || schema.type === "fixed" ? schema.name : schema.type;
}

/** Precision and scale of the decimal that the schema carries. */
export function decimalOf(schema: AvroSchema): DecimalSize | undefined {
  return "logical" in schema ? schema.logical?.size : undefined;
}

/** Bytes that a value takes at least. */
export function leastBytes(schema: AvroSchema, inside: ReadonlySet<AvroSchema> = new Set()): number {
  switch (schema.type) {
    case "null":
      return 0;
    case "float":
      return 4;
    case "double":
      return 8;
    case "fixed":
      return schema.size;
    case "record": {
      if (inside.has(schema)) return 0;
      const nested = new Set(inside).add(schema);
      return schema.fields.reduce((sum, field) => sum + leastBytes(field.schema, nested), 0);
    }
    default:
      return 1;
  }
}
