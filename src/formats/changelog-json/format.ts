import type { DecodeRequest, EncodeRequest, Format, FormatOption } from "../api.ts";
import { JsonDecoder } from "../json/decoder.ts";
import type { JsonOptions } from "../json/options.ts";
import { canal } from "./canal.ts";
import { debezium } from "./debezium.ts";
import { beforeAfterTexts, EnvelopeEncoder, type EnvelopeTexts } from "./encoder.ts";
import { EnvelopeDecoder, type EnvelopeKind } from "./envelope.ts";
import { MAXWELL } from "./maxwell.ts";
import { OGG } from "./ogg.ts";
import {
  CANAL_OPTIONS,
  canalFilter,
  CHANGELOG_OPTIONS,
  DEBEZIUM_OPTIONS,
  readShared,
  schemaInclude,
} from "./options.ts";

interface Definition {
  readonly name: string;
  readonly options: readonly FormatOption[];
  readonly metadata: EnvelopeKind["metadata"];
  source(request: DecodeRequest, options: JsonOptions): EnvelopeKind;
  sink(request: EncodeRequest, options: JsonOptions): EnvelopeTexts;
}

function changelogFormat({ name, options, metadata, source, sink }: Definition): Format {
  return {
    name,
    options,
    changelog: "full",
    metadata: metadata.map(({ key, type }) => ({ key, type })),
    decoder: (request) => {
      const shared = readShared(name, options, request.options);
      return new EnvelopeDecoder(
        request,
        source(request, shared),
        (projection, review) => new JsonDecoder({ ...request, projection }, { format: name, options: shared, review }),
      );
    },
    encoder: (request) => {
      const shared = readShared(name, options, request.options);
      return new EnvelopeEncoder(request, shared, sink(request, shared));
    },
  };
}

/** Debezium's records, as Kafka Connect writes them. */
export const debeziumJson = changelogFormat({
  name: "debezium-json",
  options: DEBEZIUM_OPTIONS,
  metadata: debezium(false).metadata,
  source: (request) => debezium(schemaInclude(request.options, "source")),
  sink: (request, options) => {
    schemaInclude(request.options, "sink");
    return beforeAfterTexts("op", "c", "d", options);
  },
});

/** Records of Alibaba's Canal. */
export const canalJson = changelogFormat({
  name: "canal-json",
  options: CANAL_OPTIONS,
  metadata: canal({ database: undefined, table: undefined }, readShared("canal-json", CANAL_OPTIONS, {})).metadata,
  source: (request, options) => canal(canalFilter(request.options), options),
  sink: () => ({
    added: [`{"data":[`, `],"type":"INSERT"}`],
    removed: [`{"data":[`, `],"type":"DELETE"}`],
  }),
});

/** Records of Maxwell's daemon. */
export const maxwellJson = changelogFormat({
  name: "maxwell-json",
  options: CHANGELOG_OPTIONS,
  metadata: MAXWELL.metadata,
  source: () => MAXWELL,
  sink: () => ({
    added: [`{"data":`, `,"type":"insert"}`],
    removed: [`{"data":`, `,"type":"delete"}`],
  }),
});

/** Records of Oracle GoldenGate. */
export const oggJson = changelogFormat({
  name: "ogg-json",
  options: CHANGELOG_OPTIONS,
  metadata: OGG.metadata,
  source: () => OGG,
  sink: (_request, options) => beforeAfterTexts("op_type", "I", "D", options),
});
