import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { describeHdfs } from "../../scripts/hdfs-server/for-tests.ts";
import { describeDatabases } from "../../scripts/sql-servers/for-tests.ts";
import { describeS3 } from "../../scripts/s3-server/for-tests.ts";
import { below } from "../storage/byte-storage.test-helper.ts";
import { FileStorage } from "../storage/file-storage.ts";
import { nodeFiles } from "../storage/file-system.ts";
import { HdfsStorage } from "../storage/hdfs/hdfs-storage.ts";
import { hdfsSettings } from "../storage/hdfs/settings.ts";
import { JdbcStorage } from "../storage/jdbc/jdbc-storage.ts";
import { jdbcLocation, jdbcSettings } from "../storage/jdbc/settings.ts";
import { S3Storage } from "../storage/s3/s3-storage.ts";
import { s3Settings } from "../storage/s3/settings.ts";
import { placeStorageSuite } from "./place-storage.test-helper.ts";

let count = 0;

describe("checkpoints in a storage: file", () => {
  const root = mkdtempSync(join(tmpdir(), "millrace-places-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  placeStorageSuite(() => new FileStorage(join(root, String(count++)), nodeFiles));
});

describeS3("checkpoints in a storage: S3", ["bucket"], (server) => {
  placeStorageSuite(() => below(new S3Storage(s3Settings("bucket", server().options(), {})), `t${count++}`));
});

describeHdfs("checkpoints in a storage: HDFS", (server) => {
  placeStorageSuite(() => {
    const folder = `t${count++}`;
    return below(new HdfsStorage(hdfsSettings(server().location(folder), server().options(), {})), folder);
  });
});

describeDatabases("checkpoints in a storage: jdbc", (server) => {
  placeStorageSuite(() => {
    const settings = jdbcSettings(jdbcLocation(server().url()), server().options(), {});
    return below(new JdbcStorage(settings, "checkpoints"), `t${count++}`);
  });
});
