import type { Format } from "../api.ts";
import { JsonDecoder } from "./decoder.ts";
import { JsonEncoder } from "./encoder.ts";
import { JSON_OPTIONS } from "./options.ts";

/** JSON lines. */
export const jsonFormat: Format = {
  name: "json",
  options: JSON_OPTIONS,
  changelog: "insert-only",
  decoder: (request) => new JsonDecoder(request),
  encoder: (request) => new JsonEncoder(request),
};
