import { describe, expect, it } from "vitest";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { globPattern, globRoot, localPath } from "./location.ts";
import { inProgressName, parsePartName, partName, sinkUid } from "./part-names.ts";
import { partitionTimeMillis, timePattern } from "./partition-time.ts";
import {
  escapePartition,
  parsePartitionName,
  partitionText,
  partitionValue,
  unescapePartition,
} from "./partition-value.ts";

describe("paths", () => {
  it.each([
    ["file:///tmp/x", "/tmp/x"],
    ["file:/tmp/x", "/tmp/x"],
    ["file://localhost/tmp/x", "/tmp/x"],
    ["FILE:///tmp/x/", "/tmp/x"],
    ["file:///tmp/a%20b", "/tmp/a b"],
    ["/tmp/100%/x", "/tmp/100%/x"],
    ["x/y", "/base/x/y"],
    ["../x", "/x"],
    ["/", "/"],
  ])("%s", (option, expected) => {
    expect(localPath(option, "/base")).toBe(expected);
  });

  it.each(["oss://b/x", "http://h/x"])("%s is another file system", (option) => {
    expect(() => localPath(option, "/")).toThrow(/local files, S3 and HDFS/);
  });

  it("file URIs have absolute paths", () => {
    expect(() => localPath("file://host/x", "/")).toThrow(/absolute path/);
  });

  it.each([
    ["/a/*.csv", "/a/b.csv", true],
    ["/a/*.csv", "/a/b/c.csv", false],
    ["/a/**/*.csv", "/a/b/c/d.csv", true],
    ["/a/**/*.csv", "/a/d.csv", true],
    ["/a/{b,c}?.csv", "/a/c1.csv", true],
    ["/a/[!b]x", "/a/bx", false],
    ["/a/[a-c]x", "/a/bx", true],
    ["/a.b/(x)+*", "/a.b/(x)+1", true],
    ["/a.b/x*", "/acb/x1", false],
  ])("%s matches %s: %s", (glob, path, expected) => {
    expect(globPattern(glob).test(path)).toBe(expected);
  });

  it("root of a glob", () => {
    expect(globRoot("/a/b/*.csv")).toBe("/a/b");
    expect(globRoot("/*/b")).toBe("/");
  });
});

describe("part names", () => {
  const run = { jobName: "j", runId: "r", attempt: 3, operatorId: "o" };
  const identity = { uid: sinkUid(run), attempt: 3, checkpoint: 12, subtask: 0, number: 7 };

  it("say whose they are", () => {
    const part = partName(identity);
    expect(parsePartName(part)).toEqual({ part, identity, inProgress: false });
    expect(parsePartName(inProgressName(part))).toEqual({ part, identity, inProgress: true });
    for (const other of ["part-1", `.${part}`, `${part}.inprogress`, "_SUCCESS", `.${part}.superseded`])
      expect(parsePartName(other)).toBeUndefined();
  });

  it("differ by job, run and sink, not by attempt", () => {
    expect(sinkUid({ ...run, attempt: 9 })).toBe(sinkUid(run));
    expect(
      new Set([
        sinkUid(run),
        sinkUid({ ...run, runId: "s" }),
        sinkUid({ ...run, jobName: "k" }),
        sinkUid({ ...run, operatorId: "p" }),
      ]).size,
    ).toBe(4);
  });
});

describe("partition values", () => {
  it.each(["a/b", "100%", "k=v", 'x:"y"', "tab\there", "[1]{2}^", "ünïcødé", "a b"])(
    "%s survives a directory name",
    (text) => {
      const name = `k=${escapePartition(text)}`;
      expect(name.slice(2)).not.toMatch(/[/"#%'*:=?\\{}[\]^](?![0-9A-F]{2})/);
      expect(parsePartitionName(name)).toEqual({ key: "k", value: text });
      expect(unescapePartition(escapePartition(text))).toBe(text);
    },
  );

  const cases: [DataType, Exclude<Value, null>, string][] = [
    [T.string(), "x", "x"],
    [T.boolean(), true, "true"],
    [T.int(), -7, "-7"],
    [T.bigint(), 9007199254740993n, "9007199254740993"],
    [T.double(), 1e10, "1.0E10"],
    [T.decimal(8, 3), -1500n, "-1.500"],
    [T.date(), 19724, "2024-01-02"],
    [T.timestamp(3), 1704164640000, "2024-01-02T03:04"],
    [T.timestampLtz(3), 1704164640123, "2024-01-02T03:04:00.123"],
    [T.timestamp(6), 1704164640000000000n, "2024-01-02T03:04"],
  ];
  it.each(cases)("%o %s is %s, and back", (type, value, text) => {
    expect(partitionText(value, type)).toBe(text);
    expect(partitionValue(text, type, "k")).toBe(value);
  });

  it.each([
    [T.int(), "1.5"],
    [T.tinyint(), "128"],
    [T.bigint(), "9223372036854775808"],
    [T.boolean(), "yes"],
    [T.double(), "x"],
    [T.date(), "2024-13-01"],
    [T.decimal(3, 0), "1234"],
  ] as [DataType, string][])("%o does not read %s", (type, text) => {
    expect(() => partitionValue(text, type, "k")).toThrow(/'k=/);
  });
});

describe("partition times", () => {
  const millis = Date.UTC(2024, 0, 2, 3);
  it.each([
    [{ dt: "2024-01-02", h: "03" }, "$dt $h:00:00", undefined],
    [{ day: "2", daytime: "03" }, "2024-1-$day $daytime:0:0", undefined],
    [{ dt: "20240102", h: "03" }, "$dt$h", "yyyyMMddHH"],
    [{ dt: "2024-01-02T03" }, undefined, "yyyy-MM-dd'T'HH"],
  ])("%o with %s in %s", (partition, pattern, formatter) => {
    expect(partitionTimeMillis(partition as unknown as Record<string, string>, pattern, formatter)).toBe(millis);
  });

  it("a date alone is its midnight; other texts are errors", () => {
    expect(partitionTimeMillis({ dt: "2024-01-02" }, undefined, undefined)).toBe(Date.UTC(2024, 0, 2));
    expect(() => partitionTimeMillis({ dt: "monday" }, undefined, undefined)).toThrow(/'monday'/);
    expect(() => timePattern("EEE", "o")).toThrow(/not 'E'/);
    expect(() => timePattern("'x", "o")).toThrow(/quotes/);
  });
});
