import type { Json } from "../base/json.ts";

/** The key of an object that stands for a value which JSON does not have. */
const TAG = "$";

/**
 * Plain data (specs, values) as JSON and back: bigints, bytes, numbers that are none, maps, and places of arrays that
 * are undefined keep what they are. Spans, which point into a script that is gone, are left out.
 */
export function encodePlain(value: unknown): Json {
  switch (typeof value) {
    case "bigint":
      return { [TAG]: "bigint", value: String(value) };
    case "undefined":
      return { [TAG]: "undefined" };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { [TAG]: "number", value: numberText(value) };
    case "object":
      return value === null ? null : encodeObject(value);
    default:
      return value as Json;
  }
}

function encodeObject(value: object): Json {
  if (value instanceof Uint8Array) return { [TAG]: "bytes", value: Buffer.from(value).toString("base64") };
  if (value instanceof Map) return { [TAG]: "map", value: [...value].map((entry) => encodePlain(entry)) };
  if (Array.isArray(value)) return value.map(encodePlain);
  const entries = Object.entries(value).filter(([key, each]) => each !== undefined && key !== "span");
  return Object.fromEntries(entries.map(([key, each]) => [key, encodePlain(each)]));
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** What `encodePlain` was given. */
export function decodePlain(json: Json): unknown {
  if (Array.isArray(json)) return json.map(decodePlain);
  if (typeof json !== "object" || json === null) return json;
  const object = json as { readonly [key: string]: Json };
  const { value } = object;
  switch (object[TAG]) {
    case "bigint":
      return BigInt(value as string);
    case "undefined":
      return undefined;
    case "number":
      return Number(value as string);
    case "bytes":
      return new Uint8Array(Buffer.from(value as string, "base64"));
    case "map":
      return new Map((value as readonly Json[]).map((entry) => decodePlain(entry) as [unknown, unknown]));
    default:
      return Object.fromEntries(Object.entries(object).map(([key, each]) => [key, decodePlain(each)]));
  }
}
