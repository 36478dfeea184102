import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { start } from "./recovery/support.ts";

const BIDS = 2000;

interface Printed {
  readonly row: { readonly bidder: number; readonly bid_count: number };
}

// Which window of processing time a bid falls into depends on the speed of the machine, and windows that are open when bounded
// input ends are dropped, as in Flink: what is certain are the sums of all windows where the source stays open.
test("Nexmark q12 counts every bid once where its source stays open", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-q12-"));
  mkdirSync(join(folder, "bids"));
  const bids = Array.from({ length: BIDS }, (_, index) => ({ bidder: (index * index) % 37 }));
  const expected = new Map<number, number>();
  for (const { bidder } of bids) expected.set(bidder, (expected.get(bidder) ?? 0) + 1);
  // In several files, of which some come while windows are open; each is whole when it can be seen.
  const add = (from: number, to: number): void => {
    const file = join(folder, `${from}.json`);
    writeFileSync(
      file,
      bids
        .slice(from, to)
        .map((bid) => `${JSON.stringify(bid)}\n`)
        .join(""),
    );
    renameSync(file, join(folder, "bids", `${from}.json`));
  };
  add(0, 500);
  const script = `CREATE TABLE bid (bidder BIGINT) WITH ('connector' = 'filesystem', 'path' = '${join(folder, "bids")}',
  'format' = 'json', 'source.monitor-interval' = '100 ms');
CREATE VIEW B AS SELECT *, PROCTIME() AS p_time FROM bid;
SELECT bidder, COUNT(*) AS bid_count FROM TABLE(TUMBLE(TABLE B, DESCRIPTOR(p_time), INTERVAL '1' SECOND))
GROUP BY bidder, window_start, window_end;`;
  const { child, ended } = start(["run", "-e", script, "--format", "json", "--quiet"]);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  });
  const actual = new Map<number, number>();
  let counted = 0;
  for await (const line of createInterface(child.stdout!)) {
    const { bidder, bid_count } = (JSON.parse(line) as Printed).row;
    if (counted === 0) {
      add(500, 1200);
      add(1200, BIDS);
    }
    actual.set(bidder, (actual.get(bidder) ?? 0) + bid_count);
    counted += bid_count;
    if (counted >= BIDS) break;
  }
  expect(actual).toEqual(expected);
});
