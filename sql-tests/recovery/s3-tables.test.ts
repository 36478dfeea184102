import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeS3 } from "../../scripts/s3-server/for-tests.ts";
import { createEngine } from "../../src/index.ts";
import { S3Storage } from "../../src/storage/s3/s3-storage.ts";
import { s3Settings } from "../../src/storage/s3/settings.ts";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { momentsOf } from "./kill-matrix.ts";
import { partitioned, twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, until } from "./support.ts";

const cases = momentsOf([1, 2].map((threads) => ({ backend: "memory", threads })));
const TIMEOUT = { timeout: 180_000 };
const ROWS = 6000;

const data = mkdtempSync(join(tmpdir(), "millrace-s3-tables-"));
const input = join(data, "events.csv");
beforeAll(() => writeEvents(input, ROWS));
afterAll(() => rmSync(data, { recursive: true }));

describeS3("files of tables in S3", ["bucket"], (server) => {
  let storage: S3Storage;
  let count = 0;
  beforeAll(async () => {
    const { endpoint, accessKey, secretKey } = server();
    // For processes that are started from here on.
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
    });
    storage = new S3Storage(s3Settings("bucket", server().options()));
    await storage.put("in/events.csv", readFileSync(input));
    return async () => storage.close();
  });

  /** A job's script with its tables in a folder of the bucket, and the folder. */
  function inBucket(script: string): { readonly scene: Scene; readonly folder: string } {
    const folder = `tables-${count++}`;
    const moved = script
      .replaceAll(/\$\{tmp\}\/(windows|copies|parts)'/g, `s3://bucket/${folder}/$1'`)
      .replace(`'${input}'`, "'s3://bucket/in'");
    return { scene: new Scene(moved), folder };
  }

  async function lines(folder: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { path } of storage.list(`${folder}/`)) {
      if (path.endsWith("/_SUCCESS")) continue;
      const { bytes } = (await storage.read(path))!;
      found.push(...Buffer.from(bytes).toString().trimEnd().split("\n"));
    }
    return found.toSorted();
  }

  const local = (scene: Scene, table: string): string[] => scene.visible(table).trimEnd().split("\n").toSorted();
  const checkpoints = "SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';";

  test.each(sampleOfTheDay(cases, 3))(
    "$setting.threads thread(s), killed: $moment.name",
    TIMEOUT,
    async ({ moment, setting }) => {
      const script = twoSinks({ input, checkpoints });
      const calm = new Scene(script);
      expect(await calm.run()).toMatchObject({ code: 0 });
      const { scene, folder } = inBucket(`SET 'parallelism.default' = '${setting.threads}';\n${script}`);
      for (const fault of moment.faults) {
        const { signal, stderr } = await scene.resume(fault);
        expect([fault, signal, stderr]).toEqual([fault, "SIGKILL", expect.anything()]);
      }
      const { code, stderr } = await scene.resume();
      expect([code, stderr]).toEqual([0, expect.anything()]);
      for (const table of ["windows", "copies"])
        expect({ table, rows: await lines(`${folder}/${table}`) }).toEqual({ table, rows: local(calm, table) });
      for await (const { path } of storage.staging.list(`${folder}/`)) expect.fail(`left behind: ${path}`);
      scene.remove();
      calm.remove();
    },
  );

  test("a partitioned table has its folders and markers, and is read again", TIMEOUT, async () => {
    const script = partitioned({ input, checkpoints });
    const calm = new Scene(script);
    expect(await calm.run()).toMatchObject({ code: 0 });
    const { scene, folder } = inBucket(script);
    const { code, stderr } = await scene.resume("filesystem.commit:2");
    expect([code, stderr]).toEqual([null, expect.anything()]);
    expect(await scene.resume()).toMatchObject({ code: 0 });
    const partitions = [0, 1, 2, 3].map((k) => `k=${k}`);
    for (const name of partitions) expect(await lines(`${folder}/parts/${name}`)).toEqual(local(calm, `parts/${name}`));
    expect(await storage.children(`${folder}/parts`)).toEqual(partitions.map((name) => `${name}/`));
    for (const name of partitions) expect(await storage.read(`${folder}/parts/${name}/_SUCCESS`)).toBeDefined();
    const table = `CREATE TABLE parts (id BIGINT, name STRING, k INT, file STRING METADATA FROM 'file.path' VIRTUAL)
      PARTITIONED BY (k) WITH ('connector' = 'filesystem', 'path' = 's3a://bucket/${folder}/parts', 'format' = 'json');`;
    const [, counted] = await createEngine().run(`${table}
      SELECT COUNT(*), MIN(k), MAX(k), MIN(file LIKE 's3://bucket/${folder}/parts/k=%') FROM parts WHERE k > 1;`);
    const rows = (await lines(`${folder}/parts/k=2`)).length + (await lines(`${folder}/parts/k=3`)).length;
    expect(counted!.changes.at(-1)!.row).toEqual([BigInt(rows), 2, 3, true]);
    scene.remove();
    calm.remove();
  });

  test("globs, compressed objects, a folder that grows", TIMEOUT, async () => {
    const text = readFileSync(input, "utf8");
    await storage.put("mixed/a.csv", Buffer.from(text));
    await storage.put("mixed/b.csv.gz", gzipSync(text));
    await storage.put("mixed/other.txt", Buffer.from("no,event\n"));
    const table = (path: string, more = ""): string =>
      `CREATE TABLE t (id BIGINT, k INT, v BIGINT, name STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${path}', 'format' = 'csv'${more});`;
    const [, counted] = await createEngine().run(
      `${table("s3://bucket/mixed/*.csv*")} SELECT COUNT(*), COUNT(DISTINCT id) FROM t;`,
    );
    expect(counted!.changes.at(-1)!.row).toEqual([BigInt(2 * ROWS), BigInt(ROWS)]);
    await storage.put("growing/1.csv", Buffer.from("1,1,1,a,2024-01-01 00:00:00\n"));
    const scene =
      new Scene(`SET 'execution.checkpointing.interval' = '100 ms'; SET 'execution.checkpointing.dir' = '\${tmp}/checkpoints';
      ${table("s3://bucket/growing", ", 'source.monitor-interval' = '100 ms'")}
      CREATE TABLE o (id BIGINT) WITH ('connector' = 'filesystem', 'path' = '\${tmp}/o', 'format' = 'csv', 'sink.rolling-policy.file-size' = '1 b');
      INSERT INTO o SELECT id FROM t;`);
    const { child, ended } = start(["run", scene.script]);
    await until(() => scene.visible("o") === "1\n" || child.exitCode !== null);
    await storage.put("growing/2.csv", Buffer.from("2,1,1,b,2024-01-01 00:00:00\n"));
    await until(() => scene.visible("o") === "1\n2\n" || child.exitCode !== null);
    child.kill("SIGKILL");
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
    scene.remove();
  });

  test("INSERT OVERWRITE takes away what was there", TIMEOUT, async () => {
    const table = `SET 'execution.runtime-mode' = 'batch';
      CREATE TABLE o (id INT) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/overwritten', 'format' = 'csv');`;
    await createEngine().run(`${table} INSERT OVERWRITE o VALUES (1), (2);`);
    expect(await lines("overwritten")).toEqual(["1", "2"]);
    await createEngine().run(`${table} INSERT INTO o VALUES (3);`);
    await createEngine().run(`${table} INSERT OVERWRITE o VALUES (4);`);
    expect(await lines("overwritten")).toEqual(["4"]);
  });

  test("credentials and server by SET, in two threads", TIMEOUT, async () => {
    const { accessKey, secretKey, endpoint } = server();
    const scene = new Scene(`SET 'parallelism.default' = '2'; SET 's3.endpoint' = '${endpoint}';
      SET 's3.access.key' = '${accessKey}'; SET 's3.secret.key' = '${secretKey}';
      CREATE TABLE i (id BIGINT, k INT, v BIGINT, name STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/in', 'format' = 'csv');
      CREATE TABLE o (k INT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/by-set', 'format' = 'csv');
      SET 'execution.runtime-mode' = 'batch'; INSERT INTO o SELECT k, COUNT(*) FROM i GROUP BY k; SHOW CREATE TABLE o;`);
    const env = { ...process.env };
    for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    const { code, stdout, stderr } = await scene.run();
    Object.assign(process.env, env);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stdout + stderr).not.toContain(secretKey);
    const sum = (await lines("by-set")).reduce((all, line) => all + Number(line.split(",")[1]), 0);
    expect(sum).toBe(ROWS);
    scene.remove();
  });

  test("mistakes are told without secrets", TIMEOUT, async () => {
    const table = (path: string): string =>
      `CREATE TABLE t (id INT) WITH ('connector' = 'filesystem', 'path' = '${path}', 'format' = 'csv');`;
    const failure = async (sql: string): Promise<string> =>
      await createEngine()
        .run(sql)
        .then(
          () => expect.fail("no error"),
          (error: Error) => error.message,
        );
    expect(await failure(`${table("s3://bucket/nothing")} SELECT * FROM t;`)).toContain(
      "'s3://bucket/nothing' of the table does not exist",
    );
    expect(await failure(`${table("s3://no-bucket/x")} SELECT * FROM t;`)).toContain("there is no bucket 'no-bucket'");
    expect(await failure(`${table("s3://no-bucket/x")} INSERT INTO t VALUES (1);`)).toContain(
      "there is no bucket 'no-bucket'",
    );
    const wrong = await failure(
      `SET 's3.access-key' = 'nobody'; SET 's3.secret-key' = 'top-secret'; ${table("s3://bucket/in")} SELECT * FROM t;`,
    );
    expect(wrong).toMatch(/the server answers 40[34]/);
    expect(wrong).not.toContain("top-secret");
    expect(await failure(`${table("s3://bucket/in/*")} INSERT INTO t VALUES (1);`)).toContain(
      "a folder to write into, not a pattern",
    );
  });
});
