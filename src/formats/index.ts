import type { Format } from "./api.ts";
import { avroFormat } from "./avro/format.ts";
import { debeziumAvroConfluentFormat } from "./avro-confluent/debezium.ts";
import { avroConfluentFormat } from "./avro-confluent/format.ts";
import { canalJson, debeziumJson, maxwellJson, oggJson } from "./changelog-json/format.ts";
import { csvFormat } from "./csv/format.ts";
import { jsonFormat } from "./json/format.ts";
import { rawFormat } from "./raw/format.ts";

/** All formats. */
export const FORMATS: readonly Format[] = [
  csvFormat,
  jsonFormat,
  rawFormat,
  debeziumJson,
  canalJson,
  maxwellJson,
  oggJson,
  avroFormat,
  avroConfluentFormat,
  debeziumAvroConfluentFormat,
];
