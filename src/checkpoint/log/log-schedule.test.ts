import { expect, test } from "vitest";
import { SqlError } from "../../base/errors.ts";
import type { SegmentLog, SegmentLogStatus } from "../storage.ts";
import type { Timer } from "../timer.ts";
import { LogSchedule } from "./log-schedule.ts";

/** A clock that stands still until it is moved; what is due then runs, and what follows from it. */
class Clock implements Timer {
  now = 0;
  #waiting: { at: number; action: () => void }[] = [];

  nowMillis(): number {
    return this.now;
  }

  after(delayMillis: number, action: () => void): () => void {
    const entry = { at: this.now + delayMillis, action };
    this.#waiting.push(entry);
    return () => (this.#waiting = this.#waiting.filter((each) => each !== entry));
  }

  async advance(millis: number): Promise<void> {
    const until = this.now + millis;
    for (;;) {
      const due = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#waiting = this.#waiting.filter((each) => each !== due);
      this.now = due.at;
      due.action();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.now = until;
  }
}

/** A log whose cuts take so long and fail so often as the test says. */
function scene(overrides: Partial<SegmentLogStatus> = {}) {
  const clock = new Clock();
  const heard: string[] = [];
  const world = { due: "segment" as SegmentLog["due"], tookMillis: 0, fails: false, status: { ...overrides } };
  const log: SegmentLog = {
    get due() {
      return world.due;
    },
    get status() {
      const status = { segments: 0, bytes: 0, lastId: 1, lastMillis: 1, ageMillis: 0, gapMillis: 0, lastRawBytes: 0 };
      return { ...status, ...world.status };
    },
    segment: () => {
      throw new Error("nobody asks");
    },
  };
  const schedule = new LogSchedule({
    log,
    coordinator: {
      ended: false,
      trigger: async (kind) => {
        heard.push(`${clock.now} ${kind}`);
        clock.now += world.tookMillis;
        if (world.fails) throw new SqlError("IO", "the storage is away", { retryable: true });
      },
    },
    timer: clock,
    intervalMillis: 100,
    timeoutMillis: 5000,
    onWarning: (message) => heard.push(message),
    onFatal: (error) => heard.push(`fatal ${error.message}`),
  });
  schedule.start();
  return { clock, world, schedule, drain: (): string[] => heard.splice(0) };
}

test("a segment an interval; a full checkpoint where one is due", async () => {
  const { clock, world, schedule, drain } = scene();
  world.tookMillis = 30;
  await clock.advance(250);
  expect(drain()).toEqual(["100 segment", "200 segment"]);
  world.due = "checkpoint";
  await clock.advance(100);
  expect(drain()).toEqual(["300 checkpoint"]);
  schedule.stop();
  await clock.advance(1000);
  expect(drain()).toEqual([]);
});

test("a slow storage gets fewer segments, and so does a stream that changes much", async () => {
  const { clock, world, drain } = scene();
  world.tookMillis = 700;
  await clock.advance(1600);
  expect(drain()).toEqual(["100 segment", "800 segment", "1500 segment"]);
  world.tookMillis = 50;
  world.status = { lastRawBytes: 10_000_000 };
  await clock.advance(3000);
  expect(drain()).toEqual(["2200 segment", "3250 segment", "4300 segment"]);
});

test("failures: told once, tried again less and less often, and fatal after the time-out", async () => {
  const { clock, world, drain } = scene();
  world.fails = true;
  await clock.advance(2000);
  expect(drain()).toEqual([
    "100 segment",
    "a segment of the log failed and is tried again: the storage is away",
    "300 segment",
    "700 segment",
    "1500 segment",
  ]);
  world.fails = false;
  await clock.advance(2000);
  expect(drain().slice(0, 2)).toEqual(["3100 segment", "3200 segment"]);
  world.fails = true;
  await clock.advance(20_000);
  expect(drain().at(-1)).toBe("fatal the storage is away");
});

test("a log that is far behind is told, not all the time", async () => {
  const { clock, drain } = scene({ ageMillis: 7000 });
  await clock.advance(30_000);
  const told = drain().filter((line) => !line.endsWith("segment"));
  expect(told).toEqual([expect.stringContaining("the log is 7.0 s behind: the storage takes longer")]);
});
