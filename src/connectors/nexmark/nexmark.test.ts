import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { formatTimestamp } from "../../types/datetime.ts";
import { T, type Field, type Value } from "../../types/data-type.ts";
import type { ScanColumn } from "../api.ts";
import { sourceConformance } from "../conformance.test-helper.ts";
import { readAll, rowsOf, scanRequest, tableRequest, testContext } from "../context.test-helper.ts";
import { EVENT_FIELDS, eventFieldType } from "./event-columns.ts";
import { nexmark } from "./index.ts";
import { pools } from "./pools.ts";
import { SplittableRandom } from "../splittable-random.ts";

const KINDS = ["person", "auction", "bid"] as const;
const TABLE: Field[] = [
  { name: "event_type", type: T.int() },
  ...KINDS.map((kind) => ({
    name: kind,
    type: T.row(EVENT_FIELDS[kind].map((name) => ({ name, type: eventFieldType(name) }))),
  })),
];
/** Every field as a nested path. */
const PATHS: ScanColumn[] = [
  { kind: "physical", path: ["event_type"], type: T.int() },
  ...KINDS.flatMap((kind) =>
    EVENT_FIELDS[kind].map((name): ScanColumn => ({
      kind: "physical",
      path: [kind, name],
      type: eventFieldType(name),
    })),
  ),
];
const TYPES = PATHS.map((column) => column.type);

function source(options: Record<string, string>, columns: readonly ScanColumn[] = PATHS) {
  return nexmark.source!(
    scanRequest(tableRequest(TABLE, { connector: "nexmark", ...options }), columns),
    testContext(),
  );
}

/** A row of all nested paths as the JSON line of the specification. */
function line(row: readonly Value[]): string {
  const type = row[0] as number;
  const parts = KINDS.map((kind, k) => {
    if (k !== type) return `"${kind}":null`;
    const fields = EVENT_FIELDS[kind].map((name) => {
      const value =
        row[
          PATHS.findIndex((column) => column.kind === "physical" && column.path[0] === kind && column.path[1] === name)
        ]!;
      const text =
        typeof value === "bigint"
          ? String(value)
          : typeof value === "number"
            ? `"${formatTimestamp(value, 3)}"`
            : `"${(value as string).replaceAll("\\", "\\\\")}"`;
      return `"${name}":${text}`;
    });
    return `"${kind}":{${fields.join(",")}}`;
  });
  return `{"event_type":${type},${parts.join(",")}}\n`;
}

async function sha256(options: Record<string, string>): Promise<string> {
  const hash = createHash("sha256");
  const s = source(options);
  for (const split of await s.discoverSplits(new Set())) {
    const reader = await s.openSplit(split, undefined);
    for (
      let polled = await reader.poll(4096);
      polled !== "end" && polled !== "idle";
      polled = await reader.poll(4096)
    ) {
      hash.update(rowsOf(polled, TYPES).map(line).join(""));
    }
  }
  return hash.digest("hex");
}

describe("random numbers of java.util.SplittableRandom", () => {
  const cases: [number, number[], number[], number[], number[]][] = [
    [
      0,
      [821115357, 1660418793, -1699405221, -974129710, 172035578],
      [1, 1, 1, 0, 0, 1, 1, 1],
      [11, 3, 7, 7, 0, 4, 1, 5],
      [0.8833108082136426, 0.43152799704850997],
    ],
    [
      1,
      [246745853, -1243790691, 634001762, 1796027475, 1225156423],
      [1, 1, 0, 1, 1, 0, 1, 0],
      [1, 4, 2, 10, 11, 6, 2, 0],
      [0.5665615751722809, 0.7457817572627011],
    ],
    [
      50,
      [289560437, -1523169512, 360967387, -2131947655, -331307221],
      [1, 0, 1, 1, 1, 1, 1, 0],
      [11, 1, 0, 1, 5, 0, 4, 9],
      [0.7305909851737173, 0.577810229611623],
    ],
    [
      -1,
      [-1607013479, 495956131, 469721247, 594280831, 1848859375],
      [1, 1, 1, 1, 1, 0, 0, 1],
      [1, 10, 10, 0, 12, 9, 8, 10],
      [0.8939429202831845, 0.9125972035944532],
    ],
  ];
  it.each(cases)("seed %i", (seed, ints, bits, thirteens, units) => {
    const draw = <R>(count: number, next: (random: SplittableRandom) => R): R[] => {
      const random = new SplittableRandom();
      random.seed(seed);
      return Array.from({ length: count }, () => next(random));
    };
    expect(draw(5, (random) => random.int32())).toEqual(ints);
    expect(draw(8, (random) => random.below(2))).toEqual(bits);
    expect(draw(8, (random) => random.below(13))).toEqual(thirteens);
    expect(draw(2, (random) => random.unit())).toEqual(units);
  });
});

describe("text pools", () => {
  it("are those of the specification", () => {
    const { extra, channels, urls } = pools();
    expect(createHash("sha256").update(extra).digest("hex")).toBe(
      "f512aedc57e880a406b83ce200760dda33f137f45bb8ab646910951a625d6c1a",
    );
    const text = (pool: typeof channels, i: number): string => decodeUtf8(pool.data, pool.starts[i]!, pool.lengths[i]!);
    const lines = Array.from({ length: 10_000 }, (_, i) => `${text(channels, i + 4)}\t${text(urls, i + 4)}\n`);
    expect(createHash("sha256").update(lines.join("")).digest("hex")).toBe(
      "1eea906501b5ec8c96775ad9258a25f6c3ade3031c2fbe63988f17a08e188992",
    );
    expect(text(urls, 0)).toContain("/izy/jtgi/pj_/");
  });
});

describe("events", () => {
  const cases: [string, Record<string, string>, string][] = [
    ["200 events", { "events.num": "200" }, "3ee6cd7423849057f685125aac8187f3897f78988b824c3d70c857d43ac7278f"],
    ["10,000 events", { "events.num": "10000" }, "a2c473421aaad2b74cf05593a53e4a391bfbddf09207fd43cc6397405f02e51a"],
    ["100,000 events", { "events.num": "100000" }, "f39e11c6eab19d6533828b1e1ba7e9250d8c2833a9f9e6bdb80c5e2335283417"],
    [
      "20,000 events at 100 a second",
      { "events.num": "20000", "first-event.rate": "100" },
      "fd55e76fda50b657e95e7a43168b781dce246277c49c2e8357b2d10a885cf724",
    ],
    [
      "100,000 events at 10 million a second",
      { "events.num": "100000", "first-event.rate": "10000000" },
      "4dd7c4e8ae757e7553a5acee4832e6b0ed64771898d5fa920c1cc6858e78ab8e",
    ],
    [
      "100,000 events out of order",
      { "events.num": "100000", "out-of-order-group-size": "1000" },
      "8f116bd91750ca8d581affa081a47a83c4b84e156450def46d6a0a8ed17f48ae",
    ],
    [
      "100,000 events from id 0",
      { "events.num": "100000", "first-event.id": "0", "first-event.number": "0" },
      "db4b0ba368926108fd51a6e8c5d98c51a3b16f48477af2db3d1754a8f5b1f8c1",
    ],
    [
      "30,000 events at 7 a second, out of order, from id 0",
      {
        "events.num": "30000",
        "first-event.rate": "7",
        "out-of-order-group-size": "1000",
        "first-event.id": "0",
        "first-event.number": "0",
      },
      "2deee3d884978c1fd6dc7fa9a560841a058cbf672be151380ab158e91a1bdf74",
    ],
  ];
  it.each(cases)("%s are bit for bit those of the specification", async (_, options, expected) => {
    expect(await sha256(options)).toBe(expected);
  });

  it("are the same for every subset of columns", async () => {
    const all = await readAll(source({ "events.num": "3000" }), TYPES);
    for (const [i, column] of PATHS.entries()) {
      const alone = await readAll(source({ "events.num": "3000" }, [column]), [column.type], 1000);
      expect(alone.map((row) => row[0])).toEqual(all.map((row) => row[i]));
    }
  });

  it("come as whole rows too", async () => {
    const columns: ScanColumn[] = TABLE.map(({ name, type }) => ({ kind: "physical", path: [name], type }));
    const rows = await readAll(
      source({ "events.num": "100" }, columns),
      TABLE.map((field) => field.type),
    );
    const nested = await readAll(source({ "events.num": "100" }), TYPES);
    expect(
      rows.map((row) =>
        row.slice(1).flatMap((value, k) => (value as Value[] | null) ?? EVENT_FIELDS[KINDS[k]!].map(() => null)),
      ),
    ).toEqual(nested.map((row) => row.slice(1)));
  });

  it("resume at every position, in one split and in three", async () => {
    await sourceConformance(() => source({ "events.num": "500" }), TYPES, 17);
    await sourceConformance(() => source({ "events.num": "500", "scan.parallelism": "3" }), TYPES, 17);
    const one = await readAll(source({ "events.num": "500" }), TYPES);
    const three = await readAll(source({ "events.num": "500", "scan.parallelism": "3" }), TYPES);
    const sorted = (rows: Value[][]): string[] => rows.map(line).sort();
    expect(sorted(three)).toEqual(sorted(one));
  });

  it("keep the pace of their time when asked to", async () => {
    const context = testContext();
    const request = scanRequest(
      tableRequest(TABLE, { connector: "nexmark", "max-emit-speed": "false", "first-event.rate": "100" }),
      PATHS,
    );
    const s = nexmark.source!(request, context);
    expect(s.bounded).toBe(false);
    const [split] = await s.discoverSplits(new Set());
    const reader = await s.openSplit(split!, undefined);
    const count = async (): Promise<number | string> => {
      const polled = await reader.poll(4096);
      return typeof polled === "string" ? polled : polled.rowCount;
    };
    expect([await count(), await count()]).toEqual([1, "idle"]);
    context.clock.millis += 1000;
    expect([await count(), await count()]).toEqual([100, "idle"]);
  });

  it("check the table's columns", () => {
    const bad = (fields: Field[]): unknown => {
      try {
        nexmark.validate!(tableRequest(fields, { connector: "nexmark" }), testContext());
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(bad(TABLE)).toBeUndefined();
    expect(bad([{ name: "bid", type: T.row([{ name: "cost", type: T.bigint() }]) }])).toMatchObject({
      code: "TYPE_MISMATCH",
    });
    expect(bad([{ name: "bid", type: T.row([{ name: "price", type: T.int() }]) }])).toMatchObject({
      code: "TYPE_MISMATCH",
    });
  });
});
