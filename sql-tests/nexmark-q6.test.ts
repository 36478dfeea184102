import { expect, test } from "vitest";
import { createEngine } from "../src/index.ts";
import type { Value } from "../src/index.ts";

const EVENTS = `CREATE TABLE events (event_type INT,
  auction ROW<id BIGINT, \`dateTime\` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT>,
  bid ROW<auction BIGINT, price BIGINT, \`dateTime\` TIMESTAMP(3)>)
WITH ('connector' = 'nexmark', 'events.num' = '20000', 'base-time' = '1436918400000');
CREATE VIEW auction AS SELECT auction.id, auction.\`dateTime\`, auction.expires, auction.seller FROM events WHERE event_type = 1;
CREATE VIEW bid AS SELECT bid.auction, bid.price, bid.\`dateTime\` FROM events WHERE event_type = 2;
`;

/** Nexmark q6, which Flink cannot run as it is written: the average price of the last ten auctions that each seller sold. */
const Q6 = `SELECT seller, AVG(price) AS mean FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY seller ORDER BY closed DESC, id DESC) AS n FROM (
    SELECT id, seller, price, sold AS closed FROM (
      SELECT A.id, A.seller, B.price, B.\`dateTime\` AS sold,
        ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.\`dateTime\` ASC) AS winner
      FROM auction AS A JOIN bid AS B ON A.id = B.auction AND B.\`dateTime\` BETWEEN A.\`dateTime\` AND A.expires)
    WHERE winner = 1))
WHERE n <= 10 GROUP BY seller;`;

const text = (row: readonly Value[]): string => row.map(String).join(",");

test("Nexmark q6 equals a computation by hand", { timeout: 120_000 }, async () => {
  const engine = createEngine();
  await engine.run(EVENTS);
  const [auctions, bids, means] = await engine.run(`SELECT * FROM auction; SELECT * FROM bid; ${Q6}`);
  const left = new Map<string, number>();
  for (const { kind, row } of means!.changes)
    left.set(text(row), (left.get(text(row)) ?? 0) + (kind.startsWith("+") ? 1 : -1));
  const actual = [...left].filter(([, count]) => count !== 0).map(([row]) => row);

  const best = new Map<bigint, { price: bigint; time: number }>();
  const byId = new Map(auctions!.changes.map(({ row }) => [row[0] as bigint, row]));
  for (const { row } of bids!.changes) {
    const [auction, price, time] = row as [bigint, bigint, number];
    const found = byId.get(auction);
    if (found === undefined || time < (found[1] as number) || time > (found[2] as number)) continue;
    const known = best.get(auction);
    if (known === undefined || price > known.price || (price === known.price && time < known.time))
      best.set(auction, { price, time });
  }
  const sold = new Map<bigint, { id: bigint; price: bigint; time: number }[]>();
  for (const [id, { price, time }] of best) {
    const seller = byId.get(id)![3] as bigint;
    sold.set(seller, [...(sold.get(seller) ?? []), { id, price, time }]);
  }
  const expected = [...sold].map(([seller, all]) => {
    const last = all.sort((a, b) => b.time - a.time || (b.id > a.id ? 1 : -1)).slice(0, 10);
    return `${seller},${last.reduce((sum, each) => sum + each.price, 0n) / BigInt(last.length)}`;
  });
  expect(expected.length).toBeGreaterThan(50);
  expect(actual.sort()).toEqual(expected.sort());
});
