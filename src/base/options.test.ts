import { describe, expect, it } from "vitest";
import { formatDurationMillis, parseDurationMillis } from "./duration.ts";
import { SqlError } from "./errors.ts";
import { formatMemoryBytes, parseMemoryBytes } from "./memory-size.ts";
import { OptionReader, optionsWithPrefix, validateOptions, type OptionDeclaration } from "./options.ts";

describe("durations", () => {
  const cases: [string, number | undefined][] = [
    ["5 s", 5000],
    ["1s", 1000],
    ["5000", 5000],
    ["0", 0],
    ["1 min", 60_000],
    ["1 m", 60_000],
    ["2 MINUTES", 120_000],
    ["3h", 10_800_000],
    ["1 d", 86_400_000],
    [" 200 ms ", 200],
    ["1500 µs", 1.5],
    ["1500000ns", 1.5],
    ["", undefined],
    ["s", undefined],
    ["-1 s", undefined],
    ["1.5 s", undefined],
    ["1 fortnight", undefined],
    ["99999999999999999 d", undefined],
    ["PT1H", 3_600_000],
    ["p1dt2h3m4.5s", 93_784_500],
    ["PT0.0015S", 1.5],
    ["-PT-5S", 5000],
    ["PT-5S", undefined],
    ["P", undefined],
    ["PT", undefined],
    ["P1DT", undefined],
    ["P1M", undefined],
  ];
  it.each(cases)("'%s' is %s ms", (text, millis) => {
    expect(parseDurationMillis(text)).toBe(millis);
  });

  it.each([
    [0, "0 ms"],
    [1500, "1500 ms"],
    [60_000, "1 min"],
    [7_200_000, "2 h"],
    [90_000, "90 s"],
  ])("%i ms reads %s, and back", (millis, text) => {
    expect(formatDurationMillis(millis)).toBe(text);
    expect(parseDurationMillis(text)).toBe(millis);
  });
});

describe("memory sizes", () => {
  const cases: [string, number | undefined][] = [
    ["128MB", 134_217_728],
    ["64 kb", 65_536],
    ["1g", 1_073_741_824],
    ["1024", 1024],
    ["7 bytes", 7],
    ["1.5 MB", undefined],
    ["MB", undefined],
    ["1 pb", undefined],
  ];
  it.each(cases)("'%s' is %s bytes", (text, bytes) => {
    expect(parseMemoryBytes(text)).toBe(bytes);
  });

  it.each([
    [17, "17 bytes"],
    [1536, "1.5 kB"],
    [134_217_728, "128 MB"],
  ])("%i reads %s", (bytes, text) => {
    expect(formatMemoryBytes(bytes)).toBe(text);
  });
});

const DECLARED: readonly OptionDeclaration[] = [
  { name: "path", type: "string", required: true, summary: "" },
  { name: "count", type: "int", default: "3", summary: "" },
  { name: "wait", type: "duration", summary: "" },
  { name: "size", type: "memory", summary: "" },
  { name: "on", type: "boolean", summary: "" },
  { name: "mode", type: ["fast", "SAFE"], summary: "" },
  { name: "delimiter", type: "char", summary: "" },
  { name: "password", type: "int", summary: "" },
  { name: "fields.#.kind", type: ["random", "sequence"], summary: "" },
  { name: "properties.*", type: "string", summary: "" },
];

describe("declared options", () => {
  const validate = (options: Record<string, string>): unknown => {
    try {
      validateOptions(options, DECLARED, "connector 'x'", ["a", "b"]);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("accept what fits", () => {
    const options = {
      path: "p",
      count: "7",
      wait: "5 s",
      size: "1 mb",
      on: "TRUE",
      mode: "safe",
      delimiter: "\t",
      "fields.a.kind": "random",
      "properties.any.thing": "x",
    };
    expect(validate(options)).toBeUndefined();
  });

  const cases: [string, Record<string, string>, Partial<SqlError>][] = [
    ["a missing one", {}, { code: "OPTION_MISSING", message: "option 'path' is missing: connector 'x' requires it" }],
    [
      "an unknown one",
      { path: "p", coun: "1" },
      {
        code: "OPTION_UNKNOWN",
        hint: "did you mean 'count'?",
        message: expect.stringContaining("supported options: count, delimiter, fields.a.kind, fields.b.kind") as string,
      },
    ],
    ["another column", { path: "p", "fields.c.kind": "random" }, { code: "OPTION_UNKNOWN" }],
    [
      "no integer",
      { path: "p", count: "1.5" },
      { code: "OPTION_INVALID", message: "invalid value '1.5' for option 'count': expected an integer" },
    ],
    ["no duration", { path: "p", wait: "soon" }, { code: "OPTION_INVALID" }],
    ["no size", { path: "p", size: "big" }, { code: "OPTION_INVALID" }],
    ["no boolean", { path: "p", on: "yes" }, { code: "OPTION_INVALID" }],
    ["another word", { path: "p", mode: "fas" }, { code: "OPTION_INVALID", hint: "did you mean 'fast'?" }],
    ["two characters", { path: "p", delimiter: "ab" }, { code: "OPTION_INVALID" }],
    [
      "a secret is not shown",
      { path: "p", password: "hunter2" },
      { message: "invalid value ****** for option 'password': expected an integer" },
    ],
  ];
  it.each(cases)("reject %s", (_, options, expected) => {
    const error = validate(options);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject(expected);
  });

  it("are read with their defaults", () => {
    const reader = new OptionReader({ wait: "2 s", mode: "safe", on: "False" }, DECLARED);
    expect([reader.integer("count"), reader.millis("wait"), reader.word("mode"), reader.boolean("on")]).toEqual([
      3,
      2000,
      "SAFE",
      false,
    ]);
    expect([reader.bytes("size"), reader.text("path")]).toEqual([undefined, undefined]);
    expect(() => reader.required("path")).toThrow(/'path' is missing/);
  });

  it("with a prefix", () => {
    expect(optionsWithPrefix({ "csv.x": "1", "csv.y.z": "2", csvx: "3" }, "csv.")).toEqual({ x: "1", "y.z": "2" });
  });
});
