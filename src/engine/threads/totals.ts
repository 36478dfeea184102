import { addedCounters } from "../../runtime/inspection.ts";
import type { JobProgress, SinkSummaries } from "../../runtime/job.ts";

/** Progress of all threads together. */
export function mergedProgress(parts: readonly JobProgress[]): JobProgress {
  return {
    rows: parts.reduce((sum, p) => sum + p.rows, 0),
    sinkRows: parts.reduce((sum, p) => sum + p.sinkRows, 0),
    watermarkMillis: parts.length === 0 ? -Infinity : Math.min(...parts.map((p) => p.watermarkMillis)),
    counters: addedCounters(...parts.map((p) => p.counters)),
  };
}

/** What the sinks of all threads say together: numbers are added, so are checksums (32 bits in hexadecimal). */
export function mergedSummaries(parts: readonly SinkSummaries[]): SinkSummaries {
  const merged: Record<string, Record<string, string | number>> = {};
  for (const part of parts) {
    for (const [id, summary] of Object.entries(part)) {
      const known = (merged[id] ??= {});
      for (const [name, value] of Object.entries(summary)) known[name] = added(known[name], value);
    }
  }
  return merged;
}

function added(known: string | number | undefined, value: string | number): string | number {
  if (known === undefined) return value;
  if (typeof known === "number" && typeof value === "number") return known + value;
  const sum = (Number.parseInt(String(known), 16) + Number.parseInt(String(value), 16)) >>> 0;
  return sum.toString(16).padStart(8, "0");
}
