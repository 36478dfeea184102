import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { describeHdfs } from "../../scripts/hdfs-server/for-tests.ts";
import { storageKillTests } from "./storage-kills.ts";

describeHdfs("HDFS: checkpoints of jobs that are killed", (server) => {
  const config = mkdtempSync(join(tmpdir(), "millrace-hadoop-conf-"));
  afterAll(() => rmSync(config, { recursive: true, force: true }));

  storageKillTests({
    backend: "hdfs",
    server,
    location: (folder) => server().location(`user/flink/${folder}`),
    name: (endpoint) => {
      const address = `<name>dfs.namenode.http-address</name><value>${new URL(endpoint).host}</value>`;
      writeFileSync(join(config, "hdfs-site.xml"), `<configuration><property>${address}</property></configuration>`);
      Object.assign(process.env, { HADOOP_CONF_DIR: config, HADOOP_USER_NAME: "flink" });
    },
  });
});
