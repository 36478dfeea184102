import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { CONFIG_OPTIONS, Config, SYNONYMS, checkConfigOption } from "./config.ts";

/** `CODE message (hint)` of what an option's value raises. */
function refusal(key: string, value: string): string {
  try {
    checkConfigOption(key, value);
    return "fine";
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`;
  }
}

describe("values", () => {
  it.each<readonly [key: string, value: string, outcome: RegExp]>([
    ["table.exec.state.ttl", "1 h", /^fine/],
    ["table.exec.state.ttl", "-1 h", /^OPTION_INVALID .*expected a duration/],
    ["table.exec.state.ttl", "soon", /^OPTION_INVALID/],
    ["execution.runtime-mode", "STREAMING", /^fine/],
    ["execution.runtime-mode", "batch", /^fine/],
    ["state.synchronization", "continuous", /^fine/],
    ["state.synchronization", "sometimes", /^OPTION_INVALID .*one of none, continuous/],
    ["state.synchronization.interval", "100 ms", /^fine/],
    ["execution.runtime-mode", "fast", /^OPTION_INVALID .*one of streaming, batch/],
    ["parallelism.default", "1", /^fine/],
    ["parallelism.default", "4", /^fine/],
    ["parallelism.default", "0", /^OPTION_INVALID/],
    ["table.exec.source.cdc-events-duplicate", "true", /^fine/],
    ["parallelism.default", "many", /^OPTION_INVALID/],
    ["execution.batch-rows", "1", /^fine/],
    ["execution.batch-rows", "0", /^OPTION_INVALID .*a number from 1/],
    ["execution.checkpointing.records", "-1", /^OPTION_INVALID .*a number from 1/],
    ["execution.checkpointing.num-retained", "0", /^OPTION_INVALID/],
    ["execution.checkpointing.mode", "EXACTLY_ONCE", /^fine/],
    ["execution.checkpointing.mode", "twice", /^OPTION_INVALID/],
    ["execution.checkpointing.compression", "zstd", /^fine/],
    ["execution.checkpointing.replicas", "/a, s3://b/c", /^fine/],
    ["checkpointing.replicas", "/a", /^fine/],
    ["execution.checkpointing.min-replicas", "0", /^OPTION_INVALID .*a number from 1/],
    ["execution.checkpointing.encryption-key", "env:A,file:/b", /^fine/],
    ["execution.checkpointing.encryption-key", "0123456789abcdef", /^OPTION_INVALID (?!.*0123)/],
    ["table.exec.sink.not-null-enforcer", "drop", /^fine/],
    ["table.exec.sink.upsert-materialize", "FORCE", /^fine/],
    ["table.exec.sink.keyed-shuffle", "FORCE", /^fine/],
    ["table.exec.sink.keyed-shuffle", "twice", /^OPTION_INVALID/],
    ["table.exec.sink.upsert-materialize-strategy.type", "ADAPTIVE", /^fine/],
    ["table.exec.sink.nested-constraint-enforcer", "ignore", /^fine/],
    ["table.exec.sink.nested-constraint-enforcer", "ROWS", /^fine/],
    ["table.exec.sink.nested-constraint-enforcer", "ERROR", /^OPTION_INVALID/],
    ["table.exec.mini-batch.enabled", "true", /^fine/],
    ["table.exec.mini-batch.enabled", "yes", /^OPTION_INVALID/],
    ["table.local-time-zone", "Europe/Berlin", /^fine/],
    ["table.local-time-zone", "Mars", /^OPTION_INVALID 'Mars' is not a time zone/],
    ["state.backend.type", "hashmap", /^fine/],
    ["state.backend", "filesystem", /^fine/],
    ["state.backend", "rocksdb", /^fine/],
    ["state.backend", "forst", /^UNSUPPORTED the state backend 'forst'/],
    ["state.memory.limit", "256 mb", /^fine/],
    ["state.memory.limit", "much", /^OPTION_INVALID/],
    ["state.backend.rocksdb.writebuffer.size", "64mb", /^fine/],
    ["state.backend.rocksdb.writebuffer.count", "1", /^OPTION_INVALID/],
    [
      "state.backend.rocksdb.block.cache-size",
      "8mb",
      /^UNSUPPORTED 'state.backend.rocksdb.block.cache-size' = '8mb' is not supported yet/,
    ],
    ["state.backend", "memry", /^OPTION_INVALID 'memry' is not a state backend \(did you mean 'memory'\?\)/],
    [
      "execution.chekpointing.interval",
      "1s",
      /^OPTION_UNKNOWN .*\(did you mean 'execution.checkpointing.interval'\?\)/,
    ],
    ["no.such.thing", "1", /^OPTION_UNKNOWN 'no.such.thing' is not an option that millrace knows$/],
  ])("'%s' = '%s'", (key, value, outcome) => {
    expect(refusal(key, value)).toMatch(outcome);
  });

  it("every default is a value that is taken", () => {
    const wrong = CONFIG_OPTIONS.flatMap((o) => (o.default === undefined ? [] : [refusal(o.name, o.default)])).filter(
      (outcome) => outcome !== "fine",
    );
    expect(wrong).toEqual([]);
  });

  it("every supported value is of the option's type", () => {
    const wrong = CONFIG_OPTIONS.flatMap((o) => (o.supported ?? []).map((value) => refusal(o.name, value))).filter(
      (outcome) => outcome !== "fine",
    );
    expect(wrong).toEqual([]);
  });

  it("names are unique and old names lead to present ones", () => {
    const names = CONFIG_OPTIONS.map((o) => o.name);
    expect(new Set(names).size).toBe(names.length);
    for (const [old, name] of SYNONYMS) {
      expect(names).toContain(name);
      expect(names).not.toContain(old);
    }
  });
});

describe("SET and RESET", () => {
  it("old and short names set the present option", () => {
    const config = new Config();
    config.set("checkpointing.interval", "1 s");
    config.set("state.checkpoints.dir", "/c");
    expect([...config.values()]).toEqual([
      ["execution.checkpointing.interval", "1 s"],
      ["execution.checkpointing.dir", "/c"],
    ]);
    expect(config.get("checkpointing.interval")).toBe("1 s");
    expect(config.get("execution.checkpointing.interval")).toBe("1 s");
  });

  it("the last one wins, RESET goes back to what the session began with", () => {
    const config = new Config(
      new Map([
        ["pipeline.name", "given"],
        ["table.local-time-zone", "UTC"],
      ]),
    );
    config.set("pipeline.name", "a");
    config.set("pipeline.name", "b");
    config.set("execution.batch-rows", "7");
    expect(config.get("pipeline.name")).toBe("b");
    config.reset("pipeline.name");
    expect(config.get("pipeline.name")).toBe("given");
    expect(config.get("execution.batch-rows")).toBe("7");
    config.set("pipeline.name", "c");
    config.reset();
    expect([...config.values()].sort()).toEqual([
      ["pipeline.name", "given"],
      ["table.local-time-zone", "UTC"],
    ]);
  });

  it("RESET of an unknown key is an error, of one not set is none", () => {
    const config = new Config();
    config.reset("pipeline.name");
    expect(() => config.reset("pipeline.nam")).toThrow("'pipeline.nam' is not an option");
  });

  it("what is refused changes nothing", () => {
    const config = new Config();
    config.set("execution.batch-rows", "7");
    expect(() => config.set("execution.batch-rows", "x")).toThrow(SqlError);
    expect(config.get("execution.batch-rows")).toBe("7");
  });

  it("initial values are checked too", () => {
    expect(() => new Config(new Map([["execution.runtime-mode", "sideways"]]))).toThrow("invalid value");
  });
});
