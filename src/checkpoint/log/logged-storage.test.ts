import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { describeS3 } from "../../../scripts/s3-server/for-tests.ts";
import { below } from "../../storage/byte-storage.test-helper.ts";
import { FileStorage } from "../../storage/file-storage.ts";
import { nodeFiles } from "../../storage/file-system.ts";
import { S3Storage } from "../../storage/s3/s3-storage.ts";
import { s3Settings } from "../../storage/s3/settings.ts";
import { loggedStorageSuite } from "./logged-storage.test-helper.ts";

let count = 0;

describe("a log in a storage: file", () => {
  const root = mkdtempSync(join(tmpdir(), "millrace-logs-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  loggedStorageSuite(() => new FileStorage(join(root, String(count++)), nodeFiles));
});

describeS3("a log in a storage: S3", ["bucket"], (server) => {
  loggedStorageSuite(() => below(new S3Storage(s3Settings("bucket", server().options(), {})), `t${count++}`));
});
