import { describe, expect, test } from "vitest";
import { foldChanges, randomSource } from "../../runtime/operators/test-support.ts";
import type { Value } from "../../types/data-type.ts";
import { SimulatedThreads, SimulatedWorld } from "./simulated-threads.test-helper.ts";

const ROWS = 400;
const SPLITS = 2;

const SQL = `
CREATE TABLE events (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '9' SECOND) WITH ('connector' = 'rows');
CREATE TABLE windows (k INT, n BIGINT, total INT, w TIMESTAMP(3)) WITH ('connector' = 'kept');
CREATE TABLE sizes (n BIGINT, k BIGINT) WITH ('connector' = 'kept');
CREATE TABLE pairs (k INT, a INT, b INT) WITH ('connector' = 'kept');
EXECUTE STATEMENT SET BEGIN
INSERT INTO windows SELECT k, COUNT(*), SUM(v), window_end
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;
INSERT INTO sizes SELECT n, COUNT(*) FROM (SELECT k, COUNT(*) AS n FROM events GROUP BY k) GROUP BY n;
INSERT INTO pairs SELECT a.k, a.v, b.v FROM (SELECT * FROM events WHERE MOD(v, 5) = 0) a
  JOIN (SELECT * FROM events WHERE MOD(v, 7) = 0) b ON a.k = b.k AND a.ts BETWEEN b.ts - INTERVAL '5' SECOND AND b.ts;
END;
`;

/** One for each thread at most, so that no row is late whoever reads them. */
function splits(): (readonly (readonly Value[])[])[] {
  return Array.from({ length: SPLITS }, (_, split) =>
    Array.from({ length: ROWS / SPLITS }, (__, row) => {
      const i = row * SPLITS + split;
      return [i % 13, i, i * 500 + ((i * 7) % 11) * 300];
    }),
  );
}

function rowsOf(world: SimulatedWorld): Record<string, readonly string[]> {
  return Object.fromEntries([...world.visible].map(([table, lines]) => [table, foldChanges(lines)]).sort());
}

async function undisturbed(): Promise<Record<string, readonly string[]>> {
  const inOrder = splits()
    .flat()
    .sort((a, b) => Number(a[1]) - Number(b[1]));
  const world = new SimulatedWorld([inOrder], async () => undefined);
  const options = { parallelism: 1, random: () => 0, speed: 1, unaligned: false, batchRows: 50 };
  await (await SimulatedThreads.open(world, SQL, options)).toTheEnd();
  return rowsOf(world);
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

const SEEDS = Array.from({ length: Number(process.env["SEEDS"] ?? 8) }, (_, i) => [
  i + Number(process.env["FIRST_SEED"] ?? 0),
]);

/** Attempts that die after a checkpoint, then one that comes to the end; `threads`: of an attempt. */
async function disturbed(
  seed: number,
  threads: (attempt: number) => number,
): Promise<Record<string, readonly string[]>> {
  const next = randomSource(seed);
  const random = (): number => next(1 << 20) / (1 << 20);
  const world = new SimulatedWorld(splits(), async () => await turns(next(30)));
  const options = { random, speed: 0.02 + random() * 0.4, unaligned: true, batchRows: 5 };
  for (let attempt = 0; attempt < 3; attempt++) {
    world.allowed = world.read + 60 + next(60);
    const parallelism = threads(attempt);
    const running = await SimulatedThreads.open(world, SQL, { ...options, parallelism });
    await running.until(async () => {
      await turns(next(60));
      await running.coordinator.trigger("checkpoint");
      await turns(next(20));
    });
    if (threads(attempt + 1) === parallelism) continue;
    // As `realigned` does: those that made the checkpoint take up what it overtook, and read nothing.
    world.allowed = world.read;
    const taking = await SimulatedThreads.open(world, SQL, { ...options, parallelism, unaligned: false });
    await taking.until(async () => await taking.coordinator.trigger("checkpoint"));
  }
  world.allowed = Infinity;
  await (await SimulatedThreads.open(world, SQL, { ...options, parallelism: threads(3) })).toTheEnd();
  return rowsOf(world);
}

describe("unaligned checkpoints: no row is lost, none counts twice", { timeout: 60_000 }, () => {
  test.each(SEEDS)("as many threads go on (seed %i)", async (seed) => {
    expect(await disturbed(seed, () => 2 + (seed % 2))).toEqual(await undisturbed());
  });

  test.each(SEEDS)("another number goes on (seed %i)", async (seed) => {
    expect(await disturbed(seed, (attempt) => 2 + ((seed + attempt) % 2))).toEqual(await undisturbed());
  });
});
