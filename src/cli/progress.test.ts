import { afterEach, describe, expect, it, vi } from "vitest";
import type { JobHandle } from "../engine/job-request.ts";
import { showProgress } from "./progress.ts";

afterEach(() => vi.useRealTimers());

describe("showProgress", () => {
  it("has no rate below zero where a restart has taken the count back", () => {
    vi.useFakeTimers();
    let rows = 0;
    const job = {
      name: "orders",
      progress: () => ({ rows, watermarkMillis: -Infinity, counters: {} }),
    } as unknown as JobHandle;
    const lines: string[] = [];
    const end = showProgress(job, { write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream);
    for (const now of [10_000, 2_000, 7_000]) {
      rows = now;
      vi.advanceTimersByTime(5000);
    }
    end();
    expect(lines).toEqual([
      "orders: 10,000 rows · 2,000 rows/s\n",
      "orders: 2,000 rows · 0 rows/s\n",
      "orders: 7,000 rows · 1,000 rows/s\n",
      "orders: 7,000 rows · 0 rows/s\n",
    ]);
  });
});
