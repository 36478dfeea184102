import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { TableRequest } from "../connectors/api.ts";
import type { JobGraph, OperatorSpec } from "../runtime/spec.ts";
import { jobOptions, resolveJobOptions } from "./job-options.ts";

type Options = Readonly<Record<string, string>>;

interface Table {
  readonly options: Options;
  readonly hinted?: readonly string[] | undefined;
}

function request(table: string, { options, hinted }: Table): TableRequest {
  return { table, physical: [], primaryKey: [], partitionKeys: [], options, hinted, timeZone: "UTC" };
}

/** A job that reads and writes tables with these options. */
function graph(sources: readonly Table[], sinks: readonly Table[]): JobGraph {
  const scan = (table: Table, i: number): OperatorSpec => ({
    kind: "scan",
    table: request(`source${i}`, table),
    columns: [],
    bounded: true,
  });
  const sink = (table: Table, i: number): OperatorSpec => ({
    kind: "sink",
    fields: [],
    target: { type: "table", table: request(`sink${i}`, table) },
    notNull: [],
    notNullMode: "error",
    lengthMode: "ignore",
  });
  const specs = [...sources.map(scan), ...sinks.map(sink)];
  return { nodes: specs.map((spec, i) => ({ id: String(i), spec, inputs: [], description: "", fields: [] })) };
}

function resolved(sources: readonly Table[], sinks: readonly Table[], session: Options = {}): Options | string {
  try {
    return Object.fromEntries(resolveJobOptions(graph(sources, sinks), new Map(Object.entries(session))));
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`;
    throw error;
  }
}

const INTERVAL = "execution.checkpointing.interval";

describe("where an option of a job comes from", () => {
  it.each<readonly [what: string, outcome: Options | string, expected: Options | string]>([
    ["the session", resolved([{ options: {} }], [], { [INTERVAL]: "1 s" }), { [INTERVAL]: "1 s" }],
    [
      "a source before the session",
      resolved([{ options: { [INTERVAL]: "2 s" } }], [], { [INTERVAL]: "1 s" }),
      { [INTERVAL]: "2 s" },
    ],
    [
      "a sink before a source",
      resolved([{ options: { [INTERVAL]: "2 s" } }], [{ options: { [INTERVAL]: "3 s" } }], { [INTERVAL]: "1 s" }),
      { [INTERVAL]: "3 s" },
    ],
    [
      "a hint, even of a source, before a sink",
      resolved([{ options: { [INTERVAL]: "4 s" }, hinted: [INTERVAL] }], [{ options: { [INTERVAL]: "3 s" } }]),
      { [INTERVAL]: "4 s" },
    ],
    ["by its short name", resolved([{ options: { "checkpointing.interval": "2 s" } }], []), { [INTERVAL]: "2 s" }],
    ["options of the connector are not its business", resolved([{ options: { path: "/x", format: "csv" } }], []), {}],
    [
      "different options of different tables",
      resolved([{ options: { [INTERVAL]: "2 s" } }], [{ options: { "execution.checkpointing.dir": "/c" } }]),
      { [INTERVAL]: "2 s", "execution.checkpointing.dir": "/c" },
    ],
    [
      "two sources that disagree",
      resolved([{ options: { [INTERVAL]: "1 s" } }, { options: { [INTERVAL]: "2 s" } }], []),
      `OPTION_CONFLICT tables 'source0' and 'source1' disagree about '${INTERVAL}': '1 s' and '2 s'`,
    ],
    [
      "two names of one option in one table",
      resolved([{ options: { [INTERVAL]: "1 s", "checkpointing.interval": "2 s" } }], []),
      "OPTION_CONFLICT tables 'source0' and 'source0' disagree about 'checkpointing.interval': '1 s' and '2 s'",
    ],
    [
      "two spellings of one value agree",
      resolved([{ options: { [INTERVAL]: "1 s" } }, { options: { [INTERVAL]: "1000 ms" } }], []),
      { [INTERVAL]: "1000 ms" },
    ],
    [
      "also of backends",
      resolved([{ options: { "state.backend": "fs" } }, { options: { "state.backend.type": "FILESYSTEM" } }], []),
      { "state.backend.type": "FILESYSTEM" },
    ],
    [
      "folders differ by case",
      resolved(
        [{ options: { "execution.checkpointing.dir": "/a" } }, { options: { "execution.checkpointing.dir": "/A" } }],
        [],
      ),
      "OPTION_CONFLICT tables 'source0' and 'source1' disagree about 'execution.checkpointing.dir': '/a' and '/A'",
    ],
    [
      "a sink does not settle what sources disagree about",
      resolved(
        [{ options: { [INTERVAL]: "1 s" } }, { options: { [INTERVAL]: "2 s" } }],
        [{ options: { [INTERVAL]: "3 s" } }],
      ),
      `OPTION_CONFLICT tables 'source0' and 'source1' disagree about '${INTERVAL}': '1 s' and '2 s'`,
    ],
    [
      "values are checked",
      resolved([{ options: { "state.backend": "forst" } }], []),
      "UNSUPPORTED the state backend 'forst' is not supported yet; supported: memory, filesystem, rocksdb, s3, hdfs, jdbc",
    ],
  ])("%s", (_, outcome, expected) => {
    expect(outcome).toEqual(expected);
  });
});

describe("typed options", () => {
  const typed = (values: Options): ReturnType<typeof jobOptions> => jobOptions(new Map(Object.entries(values)));

  it("have Flink's defaults", () => {
    expect(typed({})).toMatchObject({
      checkpointIntervalMillis: undefined,
      checkpointRecords: undefined,
      timeoutMillis: 600_000,
      minPauseMillis: 0,
      tolerableFailures: 0,
      retained: 1,
      compression: "gzip",
      maxParallelism: 128,
    });
  });

  it.each<readonly [values: Options, expected: object]>([
    [{ [INTERVAL]: "1 min" }, { checkpointIntervalMillis: 60_000 }],
    [{ [INTERVAL]: "AUTO" }, { checkpointIntervalMillis: 1000, autoInterval: { minMillis: 1000, maxMillis: 600_000 } }],
    [
      { [INTERVAL]: "auto", "execution.checkpointing.auto.min-interval": "5 s" },
      { checkpointIntervalMillis: 5000, autoInterval: { minMillis: 5000 } },
    ],
    [{ [INTERVAL]: "NONE" }, { checkpointIntervalMillis: undefined }],
    [{ "execution.checkpointing.records": "5" }, { checkpointRecords: 5 }],
    [{ "execution.checkpointing.compression": "GZIP" }, { compression: "gzip" }],
    [
      { "execution.batch-rows": "7", "pipeline.max-parallelism": "16" },
      { batchRows: 7, maxParallelism: 16 },
    ],
    [
      { "execution.checkpointing.min-pause": "2 s", "execution.checkpointing.timeout": "3 s" },
      { minPauseMillis: 2000, timeoutMillis: 3000 },
    ],
  ])("%j", (values, expected) => {
    expect(typed(values)).toMatchObject(expected);
  });

  it("bounds of 'auto' that leave no interval are refused", () => {
    const values = { [INTERVAL]: "auto", "execution.checkpointing.auto.max-interval": "10 ms" };
    expect(() => typed(values)).toThrow(/min-interval' \(1000 ms\) is at least 1 ms and at most/);
  });

  it.each<readonly [value: string, error: RegExp]>([
    ["0 s", /is a duration such as/],
    ["often", /is a duration such as/],
  ])("'execution.checkpointing.interval' = '%s' is refused", (value, error) => {
    expect(() => typed({ [INTERVAL]: value })).toThrow(error);
  });

  it.each<readonly [backend: string, place: string, other: string]>([
    ["s3", "s3://bucket/folder", "hdfs://namenode:9000/folder"],
    ["hdfs", "hdfs://namenode:9000/folder", "/var/checkpoints"],
    ["hdfs", "webhdfs://namenode/folder", "s3://bucket/folder"],
  ])("backend %s has its checkpoints there: %s", (backend, place, other) => {
    const values = { "state.backend.type": backend, "execution.checkpointing.dir": place };
    expect(typed(values)).toMatchObject({ checkpointDirectory: place });
    for (const wrong of [{ ...values, "execution.checkpointing.dir": other }, { "state.backend.type": backend }])
      expect(() => typed(wrong)).toThrow(expect.objectContaining({ code: "OPTION_MISSING" }));
  });
});

describe("state.synchronization", () => {
  const log = (values: Readonly<Record<string, string>>): number | undefined =>
    jobOptions(new Map(Object.entries({ "state.synchronization": "continuous", ...values }))).logIntervalMillis;

  it("is off unless it is asked for", () => {
    expect(jobOptions(new Map()).logIntervalMillis).toBeUndefined();
    expect(log({ "state.synchronization": "none" })).toBeUndefined();
    expect([log({}), log({ "state.synchronization.interval": "100 ms" })]).toEqual([500, 100]);
  });

  it.each([
    ["state.backend.type", "rocksdb", "UNSUPPORTED", "'state.backend.type' = 'rocksdb'"],
    ["execution.checkpointing.incremental", "FALSE", "UNSUPPORTED", "'execution.checkpointing.incremental' = 'false'"],
    ["execution.checkpointing.replicas", "/r", "UNSUPPORTED", "lies in one place"],
    ["state.synchronization.interval", "0 s", "OPTION_INVALID", "at least 1 ms"],
  ])("with %s = %s it is %s", (key, value, code, text) => {
    expect(() => log({ [key]: value })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) as string }),
    );
  });
});

it.skipIf("createZstdCompress" in zlib)("a job does not start with a compression that this Node does not have", () => {
  const values = new Map([["execution.checkpointing.compression", "zstd"]]);
  expect(() => jobOptions(values)).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
});

it.each([
  ["execution.checkpointing.encryption-key", "env:K"],
  ["execution.checkpointing.replicas", "s3://b/r"],
])("the backend jdbc does not go together with %s", (key, value) => {
  const url = "jdbc:postgresql://h/d";
  const values = { "state.backend.type": "jdbc", "state.backend.jdbc.url": url, [key]: value };
  expect(() => jobOptions(new Map(Object.entries(values)))).toThrow(
    `'state.backend.type' = 'jdbc' does not go together with '${key}'`,
  );
});
