import type { Format } from "../api.ts";
import { CsvDecoder } from "./decoder.ts";
import { CsvEncoder } from "./encoder.ts";
import { CSV_OPTIONS } from "./options.ts";

/** Comma-separated values. */
export const csvFormat: Format = {
  name: "csv",
  options: CSV_OPTIONS,
  changelog: "insert-only",
  decoder: (request) => new CsvDecoder(request),
  encoder: (request) => new CsvEncoder(request),
};
