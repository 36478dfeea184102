import { describe, expect, it } from "vitest";
import type { SqlError } from "../base/errors.ts";
import { T } from "../types/data-type.ts";
import type { TableRequest } from "./api.ts";
import { CONNECTORS } from "./index.ts";
import { tableRequest, testContext } from "./context.test-helper.ts";

const FIELDS = [
  { name: "a", type: T.int() },
  { name: "b", type: T.array(T.int()) },
];

function validate(options: Record<string, string>, more: Partial<TableRequest> = {}): unknown {
  const connector = CONNECTORS.find(({ name }) => name === options["connector"]);
  try {
    connector?.validate?.(tableRequest(FIELDS, options, more), testContext());
  } catch (error) {
    return error;
  }
  return undefined;
}

const FILES = { connector: "filesystem", path: "/tmp/x", format: "json" };

describe("tables that fit", () => {
  it.each([
    ["files", FILES],
    ["a path as a URI", { ...FILES, path: "file:///tmp/x" }],
    [
      "job options on any connector",
      {
        connector: "print",
        "state.backend": "rocksdb",
        "checkpointing.mode": "exactly-once",
        "checkpointing.interval": "1s",
      },
    ],
    ["errors table and pace", { ...FILES, "errors.table": "bad", "scan.rows-per-second": "5" }],
    [
      "watermark options",
      { ...FILES, "scan.watermark.emit.strategy": "on-event", "scan.watermark.idle-timeout": "1 min" },
    ],
    ["blackhole", { connector: "blackhole" }],
    ["rolling", { ...FILES, "sink.rolling-policy.file-size": "1MB", "auto-compaction": "false" }],
  ] as [string, Record<string, string>][])("%s", (_, options) => {
    expect(validate(options)).toBeUndefined();
  });
});

describe("tables that do not", () => {
  const cases: [string, Record<string, string>, Partial<TableRequest>, Partial<SqlError>][] = [
    ["no path", { connector: "filesystem", format: "json" }, {}, { code: "OPTION_MISSING" }],
    ["no format", { connector: "filesystem", path: "/tmp/x" }, {}, { code: "OPTION_MISSING" }],
    ["unknown format", { ...FILES, format: "jsn" }, {}, { code: "FORMAT_UNKNOWN", hint: "did you mean 'json'?" }],
    ["misspelt option", { ...FILES, pth: "/x" }, {}, { code: "OPTION_UNKNOWN", hint: "did you mean 'path'?" }],
    ["option of another format", { ...FILES, "csv.x": "1" }, {}, { code: "OPTION_UNKNOWN" }],
    ["wrong size", { ...FILES, "sink.rolling-policy.file-size": "big" }, {}, { code: "OPTION_INVALID" }],
    ["wrong guarantee", { ...FILES, "checkpointing.mode": "exactly" }, {}, { code: "OPTION_INVALID" }],
    [
      "metastore",
      { ...FILES, "sink.partition-commit.policy.kind": "metastore,success-file" },
      {},
      { code: "UNSUPPORTED" },
    ],
    ["other file system", { ...FILES, path: "oss://b/x" }, {}, { code: "UNSUPPORTED" }],
    ["partition column of a type without a name", FILES, { partitionKeys: ["b"] }, { code: "UNSUPPORTED" }],
    ["partitions of print", { connector: "print" }, { partitionKeys: ["a"] }, { code: "UNSUPPORTED" }],
    [
      "misspelt print option",
      { connector: "print", "print-identifer": "x" },
      {},
      { code: "OPTION_UNKNOWN", hint: "did you mean 'print-identifier'?" },
    ],
    ["blackhole with an option", { connector: "blackhole", x: "1" }, {}, { code: "OPTION_UNKNOWN" }],
  ];
  it.each(cases)("%s", (_, options, more, expected) => {
    expect(validate(options, more)).toMatchObject(expected);
  });
});

it("every option is described once", () => {
  for (const connector of CONNECTORS) {
    const names = connector.options.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const option of connector.options) expect(option.summary).toMatch(/\.$/);
  }
});
