import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, measureTogether } from "./measure.ts";

/** A keyed aggregate over the bids of the generator: every row changes hands by its key. */
function script(events: number): string {
  const file = join(mkdtempSync(join(tmpdir(), "millrace-threads-")), "aggregate.sql");
  writeFileSync(
    file,
    `CREATE TABLE events (event_type INT, bid ROW<auction BIGINT, price BIGINT>)
  WITH ('connector' = 'nexmark', 'events.num' = '${events}', 'base-time' = '1436918400000');
CREATE TABLE totals (auction BIGINT, n BIGINT, total BIGINT, low BIGINT, high BIGINT, mean BIGINT, large BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO totals
SELECT auction, COUNT(*), SUM(price), MIN(price), MAX(price), AVG(price), COUNT(*) FILTER (WHERE price > 1000000)
FROM (SELECT bid.auction AS auction, bid.price AS price FROM events WHERE event_type = 2) GROUP BY auction;
`,
  );
  return file;
}

/**
 * The same job in one thread and in `threads`, in turns; least wall time and least CPU of several runs each. At last the job
 * in one thread as often at the same time, in processes that know nothing of each other: what the machine's cores give, of
 * which threads can only lose something (on two hyperthreads of one core that is far less than twice).
 */
export async function threadsBench(events: number, threads: number, runs: number): Promise<unknown> {
  const file = script(events);
  const least = new Map<number, { wallSeconds: number; cpuSeconds: number; rssMegabytes: number }>();
  for (let run = 0; run < runs; run++) {
    for (const count of [1, threads]) {
      const now = measure(["run", file, "--quiet", "--parallelism", String(count)]);
      const known = least.get(count) ?? now;
      least.set(count, {
        wallSeconds: Math.min(known.wallSeconds, now.wallSeconds),
        cpuSeconds: Math.min(known.cpuSeconds, now.cpuSeconds),
        rssMegabytes: now.rssMegabytes,
      });
    }
  }
  for (const [count, { wallSeconds, cpuSeconds, rssMegabytes }] of least)
    console.log(
      `${count} thread(s): ${wallSeconds.toFixed(2)} s, ${Math.round(events / wallSeconds).toLocaleString("en")} events/s, ${cpuSeconds.toFixed(2)} CPU s, ${rssMegabytes.toFixed(0)} MB`,
    );
  const [one, many] = [least.get(1)!, least.get(threads)!];
  console.log(
    `${(one.wallSeconds / many.wallSeconds).toFixed(2)} times as fast, ${(many.cpuSeconds / one.cpuSeconds).toFixed(2)} times the CPU`,
  );
  const apart: number[] = [];
  for (let run = 0; run < runs; run++)
    apart.push(
      Math.max(
        ...(await measureTogether(threads, ["run", file, "--quiet", "--parallelism", "1"])).map(
          (one) => one.wallSeconds,
        ),
      ),
    );
  const ceiling = (threads * one.wallSeconds) / Math.min(...apart);
  console.log(`${threads} separate processes do ${ceiling.toFixed(2)} times the work of one in the same time`);
  return { ...Object.fromEntries(least), ceiling };
}
