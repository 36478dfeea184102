import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeS3 } from "../../scripts/s3-server/for-tests.ts";
import { S3_SECRET_KEY } from "../../scripts/s3-server/server.ts";
import { twoSinks } from "./scripts.ts";
import { eventsFile, storageKillTests } from "./storage-kills.ts";
import { Scene, start, undisturbed } from "./support.ts";

describeS3("S3: checkpoints of jobs that are killed", ["bucket"], (server) => {
  const input = eventsFile();
  const nameServer = (endpoint: string): void => {
    const { accessKey, secretKey } = server();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
    });
  };

  storageKillTests({
    backend: "s3",
    server,
    location: (folder) => `s3://bucket/${folder}`,
    name: nameServer,
    secret: S3_SECRET_KEY,
  });

  test("another number of threads goes on, over rows that barriers overtook", { timeout: 120_000 }, async () => {
    nameServer(server().endpoint);
    const script = (place: string): string =>
      `SET 'execution.checkpointing.records' = '1200'; SET 'state.backend.type' = 'rocksdb';
SET 'execution.checkpointing.unaligned.enabled' = 'true';
${twoSinks({ input, checkpoints: "" }).replace("${tmp}/checkpoints", `s3://bucket/${place}`)}`;
    const expected = await undisturbed(script("undisturbed"), ["windows", "copies"]);
    const scene = new Scene(script("realigned"));
    const killed = await scene.resume("checkpoint.complete-not-committed:2", "--parallelism", "2");
    expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", expect.anything()]);
    const { code, stderr } = await scene.resume(undefined, "--parallelism", "3");
    expect([code, stderr]).toEqual([0, expect.stringContaining("the 2 threads that made it")]);
    const sorted = (text: string): string[] => text.split("\n").sort();
    for (const [table, text] of expected) expect(sorted(scene.visible(table))).toEqual(sorted(text));
    // Working files lie on this machine, in no folder that is named like the place of the checkpoints.
    expect(existsSync("s3:")).toBe(false);
    scene.remove();
  });

  test("nothing but the process knows the secret", { timeout: 120_000 }, async () => {
    const { accessKey, secretKey, endpoint } = server();
    const scene =
      new Scene(`SET 's3.endpoint' = '${endpoint}'; SET 's3.access.key' = '${accessKey}'; SET 's3.secret.key' = '${secretKey}';
SET; SET 'execution.checkpointing.dir' = 's3://bucket/secrets'; SET 'execution.checkpointing.records' = '1200';
${twoSinks({ input, checkpoints: "" }).replace(/SET 'execution.checkpointing.dir'.*;/, "")}`);
    const { code, stdout, stderr } = await scene.run("--verbose");
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stdout).toContain("s3.secret-key");
    expect(stdout + stderr).not.toContain(secretKey);
    nameServer(endpoint);
    const listed = await start(["checkpoints", "verify", "s3://bucket/secrets"]).ended;
    expect([listed.code, listed.stdout]).toEqual([
      0,
      expect.stringMatching(/job {2}.* finished[^]*chk-\d+ {2}completed/),
    ]);
    const folder = join(server().folder, "data", "bucket", "secrets");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), "latin1")).not.toContain(secretKey);
      if (name === "_metadata") expect(readFileSync(join(parentPath, name), "latin1")).toContain("******");
    }
    scene.remove();
  });
});
