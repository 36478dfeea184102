import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";

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
 * The same job in one thread, in `threads`, and in one thread in as many processes at the same time, in turns; least wall time
 * and least CPU of several runs each. The processes say what the machine's cores give, of which threads can only lose
 * something (on two hyperthreads of one core that is far less than twice).
 */
export async function threadsBench(events: number, threads: number, runs: number): Promise<unknown> {
  const file = script(events);
  const least = new Map<number, { wallSeconds: number; cpuSeconds: number; rssMegabytes: number }>();
  let apart = Infinity;
  for (let run = 0; run < runs; run++) {
    for (const count of [1, threads]) {
      const now = await measure(["run", file, "--quiet", "--parallelism", String(count)]);
      const known = least.get(count) ?? now;
      least.set(count, {
        wallSeconds: Math.min(known.wallSeconds, now.wallSeconds),
        cpuSeconds: Math.min(known.cpuSeconds, now.cpuSeconds),
        rssMegabytes: now.rssMegabytes,
      });
    }
    const processes = Array.from({ length: threads }, () => measure(["run", file, "--quiet", "--parallelism", "1"]));
    apart = Math.min(apart, Math.max(...(await Promise.all(processes)).map(({ wallSeconds }) => wallSeconds)));
  }
  for (const [count, { wallSeconds, cpuSeconds, rssMegabytes }] of least)
    console.log(
      `${count} thread(s): ${wallSeconds.toFixed(2)} s, ${Math.round(events / wallSeconds).toLocaleString("en")} events/s, ${cpuSeconds.toFixed(2)} CPU s, ${rssMegabytes.toFixed(0)} MB`,
    );
  const [one, many] = [least.get(1)!, least.get(threads)!];
  console.log(
    `${(one.wallSeconds / many.wallSeconds).toFixed(2)} times as fast, ${(many.cpuSeconds / one.cpuSeconds).toFixed(2)} times the CPU`,
  );
  const ceiling = (threads * one.wallSeconds) / apart;
  console.log(`${threads} separate processes do ${ceiling.toFixed(2)} times the work of one in the same time`);
  return { ...Object.fromEntries(least), ceiling };
}
