import { afterAll, beforeAll, expect, test } from "vitest";
import { describeKafkaWithJava } from "../../scripts/kafka-broker/for-tests.ts";
import { ALL_CASES, sampleOfTheDay } from "../sample-of-the-day.ts";
import { MOMENTS } from "./moments.ts";
import {
  bag,
  generator,
  isPart,
  join,
  makeTopics,
  outputOf,
  ROWS,
  StageRun,
  type Output,
  type Topics,
} from "./pipeline.ts";

const RANDOM_KILLS = ALL_CASES ? 12 : 2;
const TIMEOUT = { timeout: 600_000 };

describeKafkaWithJava(
  "exactly once from topic to topic",
  () => ({}),
  (broker, reader) => {
    /** Events of a run that nobody disturbs, which all joins read, and what they give. */
    let calm: Topics;
    let events: readonly string[];
    let expected: Output;
    /** How long the stages take when nobody disturbs. */
    const calmMillis = { generator: 0, join: 0 };
    const runs: StageRun[] = [];

    function runOf(stage: typeof join, topics: Topics): StageRun {
      const run = new StageRun(stage, broker().bootstrap(), topics);
      runs.push(run);
      return run;
    }

    async function finish(run: StageRun, threads: number): Promise<void> {
      const { code, stderr } = await run.process(threads);
      expect([code, stderr]).toEqual([0, expect.anything()]);
    }

    beforeAll(async () => {
      calm = await makeTopics(broker().bootstrap());
      calmMillis.generator = await millisOf(finish(runOf(generator, calm), 1));
      events = bag(await reader().read(calm.events));
      calmMillis.join = await millisOf(finish(runOf(join, calm), 1));
      expected = await outputOf(reader(), calm);
    }, 120_000);
    afterAll(() => runs.forEach((run) => run.remove()));

    test("nobody disturbs: all rows are there", () => {
      expect(events.length).toBe(ROWS);
      expect(new Set(events).size).toBe(ROWS);
      expect(expected.joined.length).toBe((ROWS / 100) * 13);
      expect([expected.totals.length, expected.openPartitions]).toEqual([13, 0]);
    });

    async function checkEvents(topics: Topics, finished: boolean): Promise<void> {
      const read = await reader().read(topics.events);
      if (!finished) return expect(isPart(bag(read), events), "events shows what it should not").toBe(true);
      expect(bag(read)).toEqual(events);
      expect(read.openPartitions).toBe(0);
    }

    async function checkOutput(topics: Topics, finished: boolean): Promise<void> {
      const output = await outputOf(reader(), topics);
      if (finished) expect(output).toEqual(expected);
      else expect(isPart(output.joined, expected.joined), "joined shows what it should not").toBe(true);
    }

    test.each(sampleOfTheDay(MOMENTS, 3))("$stage killed: $name", TIMEOUT, async ({ stage, faults, name }) => {
      const fresh = await makeTopics(broker().bootstrap());
      const topics = stage === "join" ? { ...fresh, events: calm.events } : fresh;
      const run = runOf(stage === "join" ? join : generator, topics);
      const check = stage === "join" ? checkOutput : checkEvents;
      const first = MOMENTS.findIndex((moment) => moment.name === name);
      for (const [i, fault] of faults.entries()) {
        const { signal, stderr } = await run.process(threadsOf(first + i), { fault });
        expect([signal, stderr]).toEqual(["SIGKILL", expect.anything()]);
        await check(topics, false);
      }
      await finish(run, threadsOf(first + faults.length));
      await check(topics, true);
    });

    test("killed at any time, and the broker too; threads 1, 2, 1", TIMEOUT, async () => {
      const topics = await makeTopics(broker().bootstrap());
      let kills = 0;
      for (const [stage, check, millis] of [
        [generator, checkEvents, calmMillis.generator],
        [join, checkOutput, calmMillis.join],
      ] as const) {
        const run = runOf(stage, topics);
        for (let i = 0; ; i++) {
          // The first at a time at which the process has certainly not ended; the others may come too late.
          const killMillis = i < RANDOM_KILLS ? Math.random() * millis * (i === 0 ? 0.6 : 1) : undefined;
          const ended = run.process(threadsOf(i), killMillis === undefined ? {} : { killMillis });
          // In the middle of what is then the second process, and of the one that is left alone.
          if (i === 1 || i === RANDOM_KILLS) {
            await pause(0.6 * millis);
            await broker().kill();
            await pause(300);
            await broker().restart();
          }
          const { code, signal, stderr } = await ended;
          await check(topics, signal === null);
          if (signal === "SIGKILL") {
            kills++;
            continue;
          }
          expect([code, stderr]).toEqual([0, expect.anything()]);
          break;
        }
      }
      expect(kills).toBeGreaterThan(0);
    });
  },
);

async function millisOf(work: Promise<void>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

/** 1, 2, 1, … from one process to the next. */
function threadsOf(i: number): number {
  return 1 + (i % 2);
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, millis);
  });
}
