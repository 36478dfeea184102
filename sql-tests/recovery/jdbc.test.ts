import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CuttingProxy } from "../../scripts/sql-servers/cutting-proxy.ts";
import { describeDatabases } from "../../scripts/sql-servers/for-tests.ts";
import type { SqlServer } from "../../scripts/sql-servers/server.ts";
import { JdbcClient } from "../../src/storage/jdbc/client.ts";
import type { SqlRow } from "../../src/storage/jdbc/dialect.ts";
import { JdbcStorage } from "../../src/storage/jdbc/jdbc-storage.ts";
import { jdbcLocation, jdbcSettings, type JdbcSettings } from "../../src/storage/jdbc/settings.ts";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { leftovers, momentsOf, output, settingStatements, type Setting } from "./kill-matrix.ts";
import { partitioned, twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, until, type Ended } from "./support.ts";

const JOBS = { "two tables": twoSinks, "a partitioned table": partitioned };
const SETTINGS: readonly Setting[] = [
  { backend: "jdbc", threads: 1 },
  { backend: "jdbc", threads: 2 },
  { backend: "memory", threads: 1 },
];
const cases = momentsOf(SETTINGS).flatMap((one) =>
  (Object.keys(JOBS) as (keyof typeof JOBS)[]).map((job) => ({ ...one, job })),
);

const data = mkdtempSync(join(tmpdir(), "millrace-jdbc-data-"));
const input = join(data, "events.csv");
const calm = new Map<string, Promise<ReadonlyMap<string, string>>>();
beforeAll(() => writeEvents(input, 6000));
afterAll(() => rmSync(data, { recursive: true }));

/** What the job writes when nobody disturbs it, on a disk and in memory. */
function undisturbed(job: keyof typeof JOBS): Promise<ReadonlyMap<string, string>> {
  const run = async (): Promise<ReadonlyMap<string, string>> => {
    const checkpoints = "SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';";
    const scene = new Scene(JOBS[job]({ input, checkpoints }));
    const { code, stderr } = await scene.run();
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const text = output(scene, BAG);
    scene.remove();
    return text;
  };
  const found = calm.get(job) ?? run();
  calm.set(job, found);
  return found;
}

/** Rows that come back from a database are in another order: outputs are compared as bags of rows. */
const BAG: Setting = { backend: "jdbc", threads: 1 };

describeDatabases("jdbc: jobs that are killed", (server) => {
  let count = 0;

  interface SceneOptions {
    readonly setting: Setting;
    readonly job?: keyof typeof JOBS;
    readonly port?: number;
    readonly rowsPerSecond?: number;
  }

  const sceneOf = ({ setting, job = "two tables", port, rowsPerSecond }: SceneOptions): Scene => {
    const name = `place${count++}`;
    const rows =
      setting.backend === "jdbc"
        ? `SET 'state.backend.jdbc.url' = '${server().url("", port)}'; SET 'state.backend.jdbc.table-name' = '${name}';
SET 'state.memory.limit' = '1';`
        : "";
    const checkpoints = `SET 'execution.checkpointing.dir' = '${server().url(name, port)}';
SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300'; ${rows} ${settingStatements(setting)}`;
    return new Scene(JOBS[job]({ input, checkpoints, rowsPerSecond }));
  };

  const settings = (): JdbcSettings => jdbcSettings(jdbcLocation(server().url()), server().options(), {});

  /** Rows of a statement. */
  const asked = async (text: string): Promise<readonly SqlRow[]> => {
    const client = new JdbcClient(settings(), () => []);
    const { rows } = await client.reading("asking", async (run) => run(text));
    await client.close();
    return rows;
  };

  /** For processes that are started from here on. */
  const login = ({ user, password }: SqlServer): void => {
    Object.assign(process.env, { MILLRACE_JDBC_USER: user, MILLRACE_JDBC_PASSWORD: password });
  };

  /** One process after another, the last to the end, on machines that share nothing but the table and the server. */
  const runThrough = async (scene: Scene, faults: readonly string[]): Promise<Ended> => {
    login(server());
    for (const fault of faults) {
      const { signal, stderr } = await scene.resume(fault);
      expect([fault, signal, stderr]).toEqual([fault, "SIGKILL", expect.anything()]);
      // Nothing of a checkpoint may lie on this machine.
      expect(scene.folders().filter((name) => !/^(job\.sql|windows|copies|parts)$/.test(name))).toEqual([]);
    }
    const ended = await scene.resume();
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(server().password)]);
    return ended;
  };

  test.each(sampleOfTheDay(cases, 3))(
    "$setting.backend, $setting.threads thread(s), $job, $moment.name",
    { timeout: 180_000 },
    async ({ moment, job, setting }) => {
      const expected = await undisturbed(job);
      const scene = sceneOf({ setting, job });
      await runThrough(scene, moment.faults);
      expect(output(scene, BAG)).toEqual(expected);
      expect(leftovers(scene)).toEqual([]);
      scene.remove();
    },
  );

  test("the server is killed in the middle, and comes back", { timeout: 180_000 }, async () => {
    const scene = sceneOf({ setting: BAG, rowsPerSecond: 1500 });
    const running = runThrough(scene, []);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await server().kill();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server().restart();
    await running;
    expect(output(scene, BAG)).toEqual(await undisturbed("two tables"));
    scene.remove();
  });

  test("connections that break, before a COMMIT and before its answer", { timeout: 180_000 }, async () => {
    let commits = 0;
    const proxy = await CuttingProxy.start(server().port, (sent) => {
      if (!/COMMIT(?!TED)/.test(sent.toString("latin1")) || ++commits % 5 !== 0) return "pass";
      return commits % 2 === 0 ? "lost" : "before";
    });
    const scene = sceneOf({ setting: BAG, job: "a partitioned table", port: proxy.port });
    await runThrough(scene, ["checkpoint.complete-not-committed:2"]);
    expect(output(scene, BAG)).toEqual(await undisturbed("a partitioned table"));
    expect(proxy.cuts).toBeGreaterThan(5);
    await proxy.stop();
    scene.remove();
  });

  test("an owner that was presumed dead wakes up, and changes nothing", { timeout: 240_000 }, async () => {
    login(server());
    const place = `place${count}`;
    const scene = sceneOf({ setting: BAG, rowsPerSecond: 1500 });
    const sleeper = start(["run", scene.script]);
    const storage = new JdbcStorage(settings(), "millrace_checkpoints");
    const lockPath = async (): Promise<string | undefined> => {
      for await (const { path } of storage.list(`${place}/`)) if (path.endsWith("/_lock")) return path;
      return undefined;
    };
    await until(() => scene.visible("copies") !== "");
    sleeper.child.kill("SIGSTOP");
    const lock = (await lockPath())!;
    const { bytes } = (await storage.read(lock))!;
    const owner = { ...(JSON.parse(Buffer.from(bytes).toString()) as object), host: "elsewhere" };
    await storage.put(lock, Buffer.from(JSON.stringify(owner)));
    await storage.close();
    const client = new JdbcClient(settings(), () => []);
    await client.transaction("ageing", async (run) =>
      run("UPDATE millrace_checkpoints SET changed = changed - 120000 WHERE path = ?", [Buffer.from(lock)]),
    );
    await client.close();
    const { code, stderr } = await scene.resume();
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const before = output(scene, BAG);
    expect(before).toEqual(await undisturbed("two tables"));
    sleeper.child.kill("SIGCONT");
    const woken = await sleeper.ended;
    expect([woken.code, woken.stderr]).toEqual([1, expect.stringContaining("RUN_TAKEN_OVER")]);
    expect(output(scene, BAG)).toEqual(before);
    scene.remove();
  });

  test("a savepoint of a run in the database goes on in memory, on a disk", { timeout: 120_000 }, async () => {
    login(server());
    const scene = sceneOf({ setting: BAG, rowsPerSecond: 1500 });
    const { child, ended } = start(["run", scene.script, "--stop-with-savepoint", server().url("saves")]);
    await until(() => scene.visible("copies") !== "");
    child.kill("SIGTERM");
    const { stderr } = await ended;
    const path = /jdbc:\S+\/saves\/savepoint-job-[0-9a-f]+/.exec(stderr)?.[0];
    expect([path, stderr]).toEqual([expect.any(String), expect.anything()]);
    const shown = await start(["state", "show", path!]).ended;
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("WindowAggregate")]);
    const inMemory = readFileSync(scene.script, "utf8")
      .replace("SET 'state.backend.type' = 'jdbc';", "")
      .replace(/SET 'execution.checkpointing.dir' = 'jdbc:[^']*';/, "");
    writeFileSync(scene.script, inMemory);
    const more = await start(["run", scene.script, "--from", path!]).ended;
    expect([more.code, more.stderr]).toEqual([0, expect.stringContaining("begins a new run with checkpoint")]);
    expect(output(scene, BAG)).toEqual(await undisturbed("two tables"));
    scene.remove();
  });

  test(
    "as the documents write it: in the table's options, and nobody sees the password",
    { timeout: 120_000 },
    async () => {
      const { user, password } = server();
      const statement = (folder: string): string => `CREATE TABLE jdbc_state_table (
    key STRING,
    value STRING,
    state_id STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file://${folder}/out',
    'format' = 'csv',
    'state.backend' = 'jdbc',
    'url' = '${server().url()}',
    'user' = '${user}',
    'password' = '${password}',
    'table_name' = 'flink_state',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '200 ms'
);`;
      const insert = `INSERT INTO jdbc_state_table SELECT CAST(k AS STRING), CAST(COUNT(*) AS STRING), CAST(window_start AS STRING)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end`;
      const scene = new Scene(`SET 'pipeline.name' = 'documents';
CREATE TABLE events (id BIGINT, k INT, v BIGINT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'csv', 'scan.rows-per-second' = '6000');
${statement("${tmp}")}
SHOW CREATE TABLE jdbc_state_table;
EXPLAIN ${insert};
${insert};
SET;`);
      delete process.env["MILLRACE_JDBC_USER"];
      delete process.env["MILLRACE_JDBC_PASSWORD"];
      const { code, stdout, stderr } = await scene.run("--verbose");
      expect([code, stderr]).toEqual([0, expect.anything()]);
      expect(stdout).toContain("'password' = '******'");
      expect(stdout + stderr).not.toContain(password);
      expect(scene.folders()).toEqual(["job.sql", "out"]);
      expect(scene.visible("out").split("\n").length).toBeGreaterThan(100);
      expect((await asked("SELECT COUNT(*) AS n FROM flink_state_scopes")).map((row) => Number(row["n"]))).toEqual([1]);
      const stored = await asked("SELECT data FROM millrace_checkpoints_chunks");
      const texts = stored.map((row) => (row["data"] as Buffer).toString("latin1"));
      expect(texts.some((text) => text.includes("******"))).toBe(true);
      expect(texts.filter((text) => text.includes(password))).toEqual([]);
      login(server());
      const listed = await start(["checkpoints", "verify", server().url()]).ended;
      expect([listed.code, listed.stdout, listed.stderr]).toEqual([
        0,
        expect.stringMatching(/documents {2}.* finished[^]*chk-\d+ {2}completed/),
        expect.not.stringContaining(password),
      ]);
      scene.remove();
    },
  );

  test("passwords in URLs lead to the database, and are not shown", { timeout: 60_000 }, async () => {
    const { user, password } = server();
    const url = server()
      .url("urls")
      .replace("//", `//${user}:${encodeURIComponent(password)}@`);
    delete process.env["MILLRACE_JDBC_USER"];
    delete process.env["MILLRACE_JDBC_PASSWORD"];
    const scene = new Scene(`SET 'state.backend' = 'jdbc'; SET 'state.backend.jdbc.url' = '${url}';
SET; ${twoSinks({ input, checkpoints: `SET 'execution.checkpointing.dir' = '${url}';` })}`);
    const { code, stdout, stderr } = await scene.run("--verbose");
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stdout).toContain(`//${user}:******@`);
    const wrong = url.replace(`:${encodeURIComponent(password)}@`, ":never-shown@");
    const other = new Scene(
      twoSinks({
        input,
        checkpoints: `SET 'execution.checkpointing.dir' = '${wrong}'; SET 'execution.checkpointing.records' = '100';`,
      }),
    );
    const failed = await other.run("--verbose");
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining(`refuses the user '${user}'`)]);
    other.remove();
    for (const text of [stdout, stderr, failed.stdout, failed.stderr]) {
      expect(text).not.toContain(encodeURIComponent(password));
      expect(text).not.toContain("never-shown");
    }
    scene.remove();
  });
});
