// npm run bench -- nexmark [q0 q5 …] [--events N] [--runs N] [--source file|generator] [--flink]
//                  [--backend memory|rocksdb] [--threads N] | startup
//                | threads [--events N] [--threads N] [--runs N]
//                | checkpoint [--keys N] [--runs N] [--backend memory] [--storage disk|s3|hdfs]
//                | state-log [--events N] [--keys N] [--runs N]
//                | formats [json avro …] [--events N] [--runs N]
//                | rocksdb-state [--keys N] [--limit '192 mb']
//                | kafka-records [--runs N]
//                | kafka-idle [--seconds N] [--events N]
//                | kafka [none lz4 …] [--events N] [--partitions N] [--runs N]
import { execSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkpointBench, CHECKPOINT_DEFAULTS } from "./checkpoint.ts";
import { kafkaBench } from "./kafka.ts";
import { kafkaIdle } from "./kafka-idle.ts";
import { kafkaRecords } from "./kafka-records.ts";
import { formatsBench } from "./formats.ts";
import { NEXMARK_DEFAULTS, nexmark } from "./nexmark.ts";
import { rocksdbState } from "./rocksdb-state.ts";
import { startup } from "./startup.ts";
import { stateLogBench } from "./state-log.ts";
import { threadsBench } from "./threads.ts";
import { CODECS, type Codec } from "../src/connectors/kafka/records/compression.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: "string" },
    runs: { type: "string" },
    source: { type: "string" },
    keys: { type: "string" },
    backend: { type: "string" },
    storage: { type: "string" },
    flink: { type: "boolean", default: false },
    limit: { type: "string" },
    threads: { type: "string" },
    partitions: { type: "string" },
    seconds: { type: "string" },
  },
});
const [name = "nexmark", ...rest] = positionals;
console.log(
  `node ${process.version}, ${cpus()[0]?.model ?? "?"} × ${cpus().length}, load ${loadavg()
    .map((l) => l.toFixed(1))
    .join(" ")}`,
);
let results: unknown;
if (name === "nexmark") {
  results = await nexmark({
    events: Number(values.events ?? NEXMARK_DEFAULTS.events),
    runs: Number(values.runs ?? NEXMARK_DEFAULTS.runs),
    queries: rest.length > 0 ? rest : NEXMARK_DEFAULTS.queries,
    sources: values.source === "file" || values.source === "generator" ? [values.source] : NEXMARK_DEFAULTS.sources,
    flink: values.flink,
    backend: values.backend === "rocksdb" ? "rocksdb" : "memory",
    threads: Number(values.threads ?? 1),
  });
} else if (name === "startup") {
  results = await startup(Number(values.runs ?? 10));
} else if (name === "threads") {
  results = await threadsBench(
    Number(values.events ?? 60_000_000),
    Number(values.threads ?? 2),
    Number(values.runs ?? 3),
  );
} else if (name === "checkpoint") {
  results = await checkpointBench({
    ...CHECKPOINT_DEFAULTS,
    backend: values.backend ?? CHECKPOINT_DEFAULTS.backend,
    ...(values.storage === "s3" || values.storage === "hdfs" ? { place: values.storage, compressions: ["gzip"] } : {}),
    keys: Number(values.keys ?? CHECKPOINT_DEFAULTS.keys),
    runs: Number(values.runs ?? 3),
  });
} else if (name === "state-log") {
  results = await stateLogBench(
    Number(values.events ?? 30_000_000),
    Number(values.keys ?? 1_000_000),
    Number(values.runs ?? 3),
  );
} else if (name === "formats") {
  results = await formatsBench(Number(values.events ?? 1_000_000), Number(values.runs ?? 3), rest);
} else if (name === "rocksdb-state") {
  results = await rocksdbState(Number(values.keys ?? 20_000_000), values.limit ?? "192 mb");
} else if (name === "kafka-records") {
  results = kafkaRecords(Number(values.runs ?? 5));
} else if (name === "kafka-idle") {
  results = await kafkaIdle(Number(values.seconds ?? 60), Number(values.events ?? 300));
} else if (name === "kafka") {
  results = await kafkaBench({
    messages: Number(values.events ?? 2_000_000),
    partitions: Number(values.partitions ?? 1),
    codecs: rest.length > 0 ? rest.map(codecOf) : ["none"],
    runs: Number(values.runs ?? 3),
  });
} else {
  console.error(
    `there is no bench '${name}': nexmark, startup, threads, checkpoint, state-log, rocksdb-state, kafka-records, kafka, kafka-idle`,
  );
  process.exit(64);
}
const commit = execSync("git rev-parse --short HEAD", { encoding: "utf8" }).trim();
const folder = fileURLToPath(new URL("results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const file = `${folder}${name}-${commit}-${Date.now()}.json`;
writeFileSync(
  file,
  JSON.stringify({ name, commit, node: process.version, cpu: cpus()[0]?.model, load: loadavg(), results }, null, 1),
);
console.log(`written to ${file}`);

function codecOf(name: string): Codec {
  const codec = CODECS.find((each) => each === name);
  if (codec === undefined) throw new Error(`there is no codec '${name}': ${CODECS.join(", ")}`);
  return codec;
}
