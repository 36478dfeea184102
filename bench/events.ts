import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { readers } from "../src/batch/get.ts";
import type { ScanColumn } from "../src/connectors/api.ts";
import { EVENT_FIELDS, eventFieldType } from "../src/connectors/nexmark/event-columns.ts";
import { nexmark } from "../src/connectors/nexmark/index.ts";
import { formatTimestamp } from "../src/types/datetime.ts";
import { T } from "../src/types/data-type.ts";
import type { Value } from "../src/types/data-type.ts";

const KINDS = ["person", "auction", "bid"] as const;

/** Writes Nexmark events as the JSON lines of the reference data: timestamps always with three digits. */
export async function writeEvents(file: string, events: number): Promise<void> {
  const paths = KINDS.flatMap((kind) => EVENT_FIELDS[kind].map((name) => [kind, name] as const));
  const columns: ScanColumn[] = [
    { kind: "physical", path: ["event_type"], type: T.int() },
    ...paths.map((path): ScanColumn => ({ kind: "physical", path, type: eventFieldType(path[1]) })),
  ];
  const physical = [
    { name: "event_type", type: T.int() },
    ...KINDS.map((kind) => ({
      name: kind,
      type: T.row(EVENT_FIELDS[kind].map((name) => ({ name, type: eventFieldType(name) }))),
    })),
  ];
  const source = nexmark.source!(
    {
      table: "events",
      physical,
      primaryKey: [],
      partitionKeys: [],
      options: { connector: "nexmark", "events.num": String(events), "base-time": "1436918400000" },
      timeZone: "UTC",
      columns,
    },
    {
      format: () => undefined,
      formatNames: () => [],
      stdout: () => undefined,
      stderr: () => undefined,
      nowMillis: Date.now,
      baseDirectory: ".",
    },
  );
  const fd = openSync(`${file}.part`, "w");
  for (const split of await source.discoverSplits(new Set())) {
    const reader = await source.openSplit(split, undefined);
    for (let polled = await reader.poll(4096); typeof polled === "object"; polled = await reader.poll(4096)) {
      const read = readers(
        polled.columns,
        columns.map((c) => c.type),
      );
      let text = "";
      for (let row = 0; row < polled.rowCount; row++)
        text += line(
          paths,
          read.map((r) => r(row)),
        );
      writeSync(fd, text);
    }
  }
  closeSync(fd);
  renameSync(`${file}.part`, file);
}

function line(paths: readonly (readonly [kind: string, name: string])[], row: readonly Value[]): string {
  const type = row[0] as number;
  const parts = KINDS.map((kind, k) => {
    if (k !== type) return `"${kind}":null`;
    const fields = paths.flatMap(([of, name], i) => (of === kind ? [`"${name}":${valueText(row[i + 1]!)}`] : []));
    return `"${kind}":{${fields.join(",")}}`;
  });
  return `{"event_type":${type},${parts.join(",")}}\n`;
}

function valueText(value: Value): string {
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" ? `"${formatTimestamp(value, 3)}"` : `"${String(value).replaceAll("\\", "\\\\")}"`;
}
