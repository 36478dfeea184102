import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { afterEach, expect, test } from "vitest";
import { describeKafka } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine } from "../../src/index.ts";
import { until } from "../recovery/support.ts";
import { makeTopics, numbers, ROWS, StageRun, type CopyOptions, type Topics } from "./pipeline.ts";

const TIMEOUT = { timeout: 180_000 };

describeKafka("a job that writes Kafka and is away for a while", (bootstrap) => {
  const runs: StageRun[] = [];
  afterEach(() => runs.splice(0).forEach((run) => run.remove()));

  function runOf(topics: Topics, options: CopyOptions = {}): StageRun {
    const run = new StageRun(numbers(options), bootstrap(), topics);
    runs.push(run);
    return run;
  }

  /** How often a reader sees each number now. */
  async function counts({ events }: Topics): Promise<ReadonlyMap<number, number>> {
    const [, result] = await createEngine({ stderr: () => undefined }).run(`
      CREATE TABLE t (id BIGINT) WITH ('connector' = 'kafka', 'topic' = '${events}', 'properties.bootstrap.servers' = '${bootstrap()}',
        'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'csv');
      SELECT id FROM t;`);
    const found = new Map<number, number>();
    for (const { row } of result!.changes) found.set(Number(row[0]), (found.get(Number(row[0])) ?? 0) + 1);
    return found;
  }

  /** Numbers by how often they are there: `1 to 2000 once` is `{ 1: 2000 }`. */
  async function histogram(topics: Topics): Promise<Record<number, number>> {
    const result: Record<number, number> = {};
    for (const times of (await counts(topics)).values()) result[times] = (result[times] ?? 0) + 1;
    return result;
  }

  async function killed(run: StageRun, fault: string): Promise<void> {
    const { signal, stderr } = await run.process(1, { fault });
    expect([signal, stderr]).toEqual(["SIGKILL", expect.anything()]);
  }

  async function finish(run: StageRun, threads = 1): Promise<string> {
    const { code, stderr } = await run.process(threads);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    return stderr;
  }

  test("a complete checkpoint that was not committed is, when the job comes back", TIMEOUT, async () => {
    const topics = await makeTopics(bootstrap());
    const run = runOf(topics);
    await killed(run, "checkpoint.complete-not-committed:3");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await histogram(topics)).toEqual({ 1: 2000 });
    await killed(run, "kafka.begun");
    expect(await histogram(topics)).toEqual({ 1: 3000 });
    await finish(run);
    expect(await histogram(topics)).toEqual({ 1: ROWS });
  });

  test("a transaction that timed out meanwhile is a loss that is told, or taken when asked for", TIMEOUT, async () => {
    const topics = await makeTopics(bootstrap());
    const sink = { "properties.transaction.timeout.ms": "5000" };
    await killed(runOf(topics, { sink }), "checkpoint.complete-not-committed:2");
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    const open = async (): Promise<number> =>
      (await client.transactions.list(["Ongoing", "PrepareAbort"])).filter(({ transactionalId }) =>
        transactionalId.startsWith(topics.events),
      ).length;
    await expect.poll(open, { timeout: 60_000, interval: 200 }).toBe(0);
    await client.close();
    const [run] = runs;
    for (const threads of [1, 2]) {
      const { code, stderr } = await run!.process(threads);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/data loss: the transaction '.*' of checkpoint 2 is gone without having been committed/),
      ]);
    }
    const careless = { ...sink, "sink.restore.lost-transactions": "ignore" };
    run!.use(numbers({ sink: careless }), bootstrap(), topics);
    expect(await finish(run!)).toMatch(/note: table '.*events': data loss/);
    expect(await histogram(topics)).toEqual({ 1: ROWS - 1000 });
  });

  test(
    "two jobs with one prefix: the second is told who has it, and gets it when the first has gone",
    TIMEOUT,
    async () => {
      const topics = await makeTopics(bootstrap());
      const first = runOf(topics, {
        rowsPerSecond: 1000,
        settings: "SET 'execution.checkpointing.interval' = '200 ms';",
      });
      const { child, ended } = first.start(1);
      await until(() => first.scene.checkpoints("events").length > 0);
      const other = await makeTopics(bootstrap());
      const second = runOf(other, { sink: { "sink.transactional-id-prefix": topics.events } });
      const { code, stderr } = await second.process(1);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(`'millrace-${topics.events}' is in use by job 'events' \\(run .*, process ${child.pid}\\)`),
        ),
      ]);
      child.kill("SIGKILL");
      await ended;
      await finish(second);
      expect(await histogram(other)).toEqual({ 1: ROWS });
    },
  );

  test("from an older checkpoint: what came after it is written again, nothing is missing", TIMEOUT, async () => {
    const topics = await makeTopics(bootstrap());
    const run = runOf(topics, { settings: "SET 'execution.checkpointing.num-retained' = '10';" });
    await killed(run, "kafka.commit:4");
    expect(await histogram(topics)).toEqual({ 1: 4000 });
    const [name = ""] = run.scene.folders("checkpoints", "events");
    const older = joinPath(run.scene.directory, "checkpoints", "events", name, "chk-2");
    const { code, stderr } = await run.start(1, { from: older }).ended;
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(await histogram(topics)).toEqual({ 1: ROWS - 2000, 2: 2000 });
  });

  test("a savepoint, and a start with other parallelism", TIMEOUT, async () => {
    const topics = await makeTopics(bootstrap());
    const run = runOf(topics, { rowsPerSecond: 2000 });
    let from = "latest";
    let begins = 0;
    for (const [i, threads] of [2, 1].entries()) {
      const target = joinPath(run.scene.directory, `savepoints-${i}`);
      const { child, ended } = run.start(threads, { from, args: ["--stop-with-savepoint", target] });
      await until(() => checkpoints(run).some((id) => id > begins) || child.exitCode !== null);
      child.kill("SIGTERM");
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([130, expect.anything()]);
      from = joinPath(target, run.scene.folders(`savepoints-${i}`)[0] ?? "");
      begins = (JSON.parse(readFileSync(joinPath(from, "_metadata"), "utf8")) as { readonly id: number }).id;
    }
    const { code, stderr } = await run.start(3, { from }).ended;
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(await histogram(topics)).toEqual({ 1: ROWS });
  });

  /** The checkpoints of all runs of the job; each run counts on from where it was restored. */
  function checkpoints(run: StageRun): readonly number[] {
    return run.scene
      .folders("checkpoints", "events")
      .flatMap((name) => run.scene.folders("checkpoints", "events", name))
      .flatMap((folder) => (folder.startsWith("chk-") ? [Number(folder.slice(4))] : []));
  }

  test("at least once: nothing is lost", TIMEOUT, async () => {
    const topics = await makeTopics(bootstrap());
    const run = runOf(topics, { sink: { "sink.delivery-guarantee": "at-least-once" } });
    for (const fault of [
      "kafka.produced:3",
      "checkpoint.before-durable:2",
      "checkpoint.complete-not-committed",
      "restore",
    ])
      await killed(run, fault);
    await finish(run, 2);
    expect((await counts(topics)).size).toBe(ROWS);
  });
});
