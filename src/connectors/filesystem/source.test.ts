import { appendFileSync, mkdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { T } from "../../types/data-type.ts";
import type { ScanColumn, ScanRequest, SplitReader, TableRequest } from "../api.ts";
import { sourceConformance } from "../conformance.test-helper.ts";
import {
  readAll,
  readSplit,
  scanRequest,
  scratchDirectory,
  tableRequest,
  testContext,
} from "../context.test-helper.ts";
import { lineFormat } from "../line-format.test-helper.ts";
import { FileSource } from "./source.ts";

const FIELDS = [
  { name: "id", type: T.int() },
  { name: "text", type: T.string() },
];
const TYPES = FIELDS.map((field) => field.type);

let directory = "";
beforeEach(() => {
  directory = scratchDirectory();
});

function put(path: string, content: string | Uint8Array): void {
  const full = `${directory}/${path}`;
  mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
  writeFileSync(full, content);
}

function source(
  options: Record<string, string> = {},
  more: Partial<TableRequest> & Partial<ScanRequest> = {},
  splitBytes?: number,
): FileSource {
  const table = tableRequest(
    more.physical ?? FIELDS,
    { connector: "filesystem", path: directory, format: "json", ...options },
    more,
  );
  return new FileSource(scanRequest(table, more.columns, more), testContext(directory), lineFormat, splitBytes);
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${from + i}|v${from + i}\n`).join("");
const ids = async (s: FileSource): Promise<unknown[]> => (await readAll(s, TYPES)).map((row) => row[0]);

describe("which files are read", () => {
  beforeEach(() => {
    put("b.txt", "2|b\n");
    put("a.txt", "1|a\n");
    put("sub/c.log", "3|c\n");
    put(".hidden", "9|x\n");
    put("_SUCCESS", "9|x\n");
    put("_temporary/d.txt", "9|x\n");
    put(".part-1.inprogress", "9|x\n");
  });

  const cases: [string, () => Record<string, string>, number[]][] = [
    ["a directory, recursively, without hidden files", () => ({}), [1, 2, 3]],
    ["one file", () => ({ path: `${directory}/b.txt` }), [2]],
    ["file:// URI", () => ({ path: `file://${directory}` }), [1, 2, 3]],
    ["file:/ URI", () => ({ path: `file:${directory}/a.txt` }), [1]],
    ["relative path", () => ({ path: "sub" }), [3]],
    ["glob", () => ({ path: `${directory}/*.txt` }), [1, 2]],
    ["glob with alternatives", () => ({ path: `${directory}/{a,sub/c}.*` }), [1, 3]],
    ["glob across directories", () => ({ path: `${directory}/**/*.log` }), [3]],
    ["glob that names a directory", () => ({ path: `${directory}/s*` }), [3]],
    ["character class", () => ({ path: `${directory}/[!a].txt` }), [2]],
    ["regex pattern", () => ({ "source.path.regex-pattern": ".*/[ac]\\..*" }), [1, 3]],
  ];
  it.each(cases)("%s", async (_, options, expected) => {
    expect(await ids(source(options()))).toEqual(expected);
  });

  it("a missing file, a missing directory, another scheme", async () => {
    await expect(async () => ids(source({ path: `${directory}/a.tx` }))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      hint: "did you mean 'a.txt'?",
    });
    await expect(async () => ids(source({ path: `${directory}/none` }))).rejects.toMatchObject({ code: "IO" });
    expect(() => source({ path: "oss://bucket/x" })).toThrow(/'oss:'/);
    expect(() => source({ "source.path.regex-pattern": "(" })).toThrow(/regular expression/);
  });

  it("an empty directory has no rows", async () => {
    mkdirSync(`${directory}/empty`);
    expect(await ids(source({ path: `${directory}/empty` }))).toEqual([]);
  });
});

describe("reading", () => {
  it("goes over chunk boundaries, long records and a missing last line end", async () => {
    const long = "x".repeat(3_000_000);
    put("a.txt", `1|${long}\n${lines(2, 200_000)}200000|last`);
    const rows = await readAll(source(), TYPES);
    expect(rows).toHaveLength(200_000);
    expect(rows[0]).toEqual([1, long]);
    expect(rows.at(-1)).toEqual([200_000, "last"]);
    expect(rows.every((row, i) => row[0] === i + 1)).toBe(true);
  });

  it("is synchronous for plain files", async () => {
    put("a.txt", "1|a\n");
    const s = source();
    const [split] = await s.discoverSplits();
    const reader = s.openSplit(split!, undefined);
    expect(reader).not.toBeInstanceOf(Promise);
    expect((reader as SplitReader).poll(10)).not.toBeInstanceOf(Promise);
  });

  it("resumes at every position, plain and gzip, one or many splits", async () => {
    put("a.txt", lines(0, 300));
    put("b.gz", gzipSync(lines(300, 600)));
    put("c.txt", "");
    await sourceConformance(() => source(), TYPES, 7);
    await sourceConformance(() => source({}, {}, 100), TYPES, 7);
    expect(await ids(source())).toEqual(Array.from({ length: 600 }, (_, i) => i));
  });

  it.each([1, 2, 3, 5, 7, 16, 50, 1000])("splits of %i bytes hold every record once", async (bytes) => {
    put("a.txt", `${lines(0, 40)}\n40|no line end`);
    const s = source({}, {}, bytes);
    const expected = [...Array.from({ length: 40 }, (_, i) => i), null, 40];
    expect(await ids(s)).toEqual(expected);
  });

  it("reads gzip of several members and names a torn one", async () => {
    const gz = Buffer.concat([gzipSync("1|a\n"), gzipSync("2|b\n")]);
    put("ok.gz", gz);
    expect(await ids(source())).toEqual([1, 2]);
    put("torn.gz", gz.subarray(0, gz.length - 12));
    await expect(ids(source({ path: `${directory}/torn.gz` }))).rejects.toMatchObject({
      code: "IO",
      message: expect.stringContaining("torn.gz") as string,
    });
  });

  it("reports bad records with file and offset, or fails naming the file", async () => {
    put("a.txt", "1|a\n!|b\n3|c\n");
    const bad: unknown[] = [];
    const s = source({}, { onBadRecord: (record) => bad.push(record) });
    expect((await readAll(s, TYPES, 1)).map((row) => row[0])).toEqual([1, 3]);
    expect(bad).toEqual([{ raw: "!|b", reason: "a field is '!'", offset: 4, source: `${directory}/a.txt` }]);
    expect(s.counters()).toEqual({ skippedRecords: 1, skippedFields: 0 });
    await expect(ids(source())).rejects.toThrow(/a\.txt/);
  });

  it("fails clearly when a file shrank or vanished", async () => {
    put("a.txt", lines(0, 10));
    const s = source();
    const [split] = await s.discoverSplits();
    const { positions } = await readSplit(s, split!, TYPES, { maxRows: 5, limit: 5 });
    truncateSync(`${directory}/a.txt`, 3);
    expect(() => s.openSplit(split!, positions[1]!.position)).toThrow(/shorter/);
    rmSync(`${directory}/a.txt`);
    expect(() => s.openSplit(split!, undefined)).toThrow(/no such file/);
  });

  it("finds new files when monitoring", async () => {
    put("a.txt", "1|a\n");
    const context = testContext(directory);
    const table = tableRequest(FIELDS, { path: directory, format: "json", "source.monitor-interval": "1 s" });
    const s = new FileSource(scanRequest(table), context, lineFormat);
    expect(s.bounded).toBe(false);
    expect(await s.discoverSplits()).toHaveLength(1);
    put("b.txt", "2|b\n");
    expect(await s.discoverSplits()).toHaveLength(1);
    context.clock.millis += 1000;
    expect((await s.discoverSplits()).map(({ id }) => id)).toEqual([`${directory}/a.txt`, `${directory}/b.txt`]);
  });

  it("reads what was there at listing when a file grows", async () => {
    put("a.txt", "1|a\n");
    const s = source();
    const [split] = await s.discoverSplits();
    appendFileSync(`${directory}/a.txt`, "2|b\n");
    expect((await readSplit(s, split!, TYPES)).rows).toHaveLength(1);
  });
});

describe("partition and metadata columns", () => {
  const physical = [
    { name: "day", type: T.date() },
    { name: "id", type: T.int() },
    { name: "kind", type: T.string() },
  ];
  const partitionKeys = ["day", "kind"];
  beforeEach(() => {
    put("day=2024-01-02/kind=a%2Fb/part-0", "1\n2\n");
    put("day=2024-01-03/kind=__HIVE_DEFAULT_PARTITION__/part-0", "3\n");
    put("stray", "9\n");
    put("day=2024-01-04/stray", "9\n");
  });

  it("come from the path", async () => {
    const rows = await readAll(
      source({}, { physical, partitionKeys }),
      physical.map((field) => field.type),
    );
    expect(rows).toEqual([
      [19724, 1, "a/b"],
      [19724, 2, "a/b"],
      [19725, 3, null],
    ]);
  });

  it("prune", async () => {
    const s = source({}, { physical, partitionKeys, partitionFilter: (partition) => partition["kind"] === null });
    expect((await s.discoverSplits()).map(({ id }) => id)).toEqual([
      `${directory}/day=2024-01-03/kind=__HIVE_DEFAULT_PARTITION__/part-0`,
    ]);
  });

  it("name a directory that does not fit the type", async () => {
    put("day=soon/kind=x/part-0", "1\n");
    await expect(
      readAll(
        source({}, { physical, partitionKeys }),
        physical.map((field) => field.type),
      ),
    ).rejects.toThrow(/day=soon/);
  });

  it("metadata", async () => {
    put("only/a.txt", "1|x\n2|y\n");
    utimesSync(`${directory}/only/a.txt`, 1_700_000_000, 1_700_000_000);
    const columns: ScanColumn[] = [
      { kind: "metadata", key: "file.path", type: T.string(false) },
      { kind: "physical", path: ["text"], type: T.string() },
      { kind: "metadata", key: "file.name", type: T.string(false) },
      { kind: "metadata", key: "file.size", type: T.bigint(false) },
      { kind: "metadata", key: "file.modification-time", type: T.timestampLtz(3, false) },
    ];
    const rows = await readAll(
      source({ path: `${directory}/only` }, { columns }),
      columns.map((column) => column.type),
      1,
    );
    const path = `${directory}/only/a.txt`;
    expect(rows).toEqual([
      [path, "x", "a.txt", 8n, 1_700_000_000_000],
      [path, "y", "a.txt", 8n, 1_700_000_000_000],
    ]);
  });
});
