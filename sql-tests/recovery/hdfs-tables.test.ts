import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeHdfs } from "../../scripts/hdfs-server/for-tests.ts";
import { createEngine } from "../../src/index.ts";
import { remotePlace } from "../../src/storage/remote-place.ts";
import { partitioned, writeEvents } from "./scripts.ts";
import { Scene } from "./support.ts";

const data = mkdtempSync(join(tmpdir(), "millrace-hdfs-tables-"));
const input = join(data, "events.csv");
beforeAll(() => writeEvents(input, 3000));
afterAll(() => rmSync(data, { recursive: true }));

describeHdfs("files of tables in HDFS", (server) => {
  test("read, written exactly once by a job that is killed, and read again", { timeout: 180_000 }, async () => {
    const place = (await remotePlace(server().location("user/flink"), server().options()))!;
    await place.storage.put("user/flink/in/events.csv", readFileSync(input));
    const script = partitioned({ input, checkpoints: "SET 'execution.checkpointing.records' = '1000';" });
    const calm = new Scene(script);
    expect(await calm.run()).toMatchObject({ code: 0 });
    const sets = [...server().options()].map(([name, value]) => `SET '${name}' = '${value}';`).join(" ");
    const moved = script
      .replace("${tmp}/parts", place.location + "/parts")
      .replace(`'${input}'`, `'${place.location}/in'`);
    const scene = new Scene(`${sets} ${moved}`);
    for (const fault of ["checkpoint.complete-not-committed:2", "filesystem.commit:3", undefined]) {
      const { code, signal, stderr } = await scene.resume(fault);
      expect([code, signal, stderr]).toEqual(fault === undefined ? [0, null, stderr] : [null, "SIGKILL", stderr]);
    }
    const names = [0, 1, 2, 3].map((k) => `k=${k}`);
    expect(await place.storage.children("user/flink/parts")).toEqual(names.map((name) => `${name}/`));
    const [, , counted] = await createEngine({ config: Object.fromEntries(server().options()) }).run(`
      CREATE TABLE parts (id BIGINT, name STRING, k INT) PARTITIONED BY (k) WITH ('connector' = 'filesystem',
        'path' = '${place.location}/parts', 'format' = 'json');
      CREATE VIEW v AS SELECT k, COUNT(*) AS n, SUM(id) AS s FROM parts GROUP BY k;
      SELECT k, n, s FROM v;`);
    const found = new Map(counted!.changes.map(({ row }) => [row[0], row.slice(1)]));
    for (const [k, name] of names.entries()) {
      const rows = calm.visible(`parts/${name}`).trimEnd().split("\n");
      const ids = rows.map((row) => (JSON.parse(row) as { readonly id: number }).id);
      expect(found.get(k)).toEqual([BigInt(ids.length), BigInt(ids.reduce((a, b) => a + b, 0))]);
      expect(await place.storage.children(`user/flink/parts/${name}`)).toContain("_SUCCESS");
    }
    for await (const { path } of place.storage.list("user/flink/parts/"))
      expect(path.split("/").at(-1)).not.toMatch(/^\./);
    await place.storage.close();
    scene.remove();
    calm.remove();
  });
});
