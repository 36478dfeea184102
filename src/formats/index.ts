import type { Format } from "./api.ts";
import { jsonFormat } from "./json/format.ts";

/** All formats. */
export const FORMATS: readonly Format[] = [jsonFormat];
