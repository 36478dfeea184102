import { expect, test } from "vitest";
import { remotePlace, schemeOf } from "./remote-place.ts";

const KEYS = new Map([
  ["s3.access-key", "id"],
  ["s3.secret-key", "hidden"],
]);

test.each(["/var/x", "x/y", "file:///x", "FILE:/x", "C:\\x"])("%s is on a disk", async (location) => {
  expect(await remotePlace(location, new Map())).toBeUndefined();
});

test("a one-letter scheme is a drive", () => {
  expect(schemeOf("C:\\x")).toBeUndefined();
  expect(schemeOf("S3A://b/x")).toBe("s3a");
});

test.each([
  ["s3://bucket", "", "s3://bucket"],
  ["s3://bucket/", "", "s3://bucket"],
  ["s3a://bucket/a//b/", "a/b", "s3://bucket/a/b"],
  ["S3P://bucket/a%20b", "a%20b", "s3://bucket/a%20b"],
])("%s", async (text, path, location) => {
  expect(await remotePlace(text, KEYS)).toMatchObject({ path, location });
});

test.each(["s3:///x", "s3:x", "s3://id:hidden@bucket/x"])("%s names no bucket", async (location) => {
  const failed = remotePlace(location, KEYS);
  await expect(failed).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(failed).rejects.toThrow(/^[^]*(?<!hidden.*)$/);
});

test.each([
  ["hdfs://namenode:9000/user/flink", "user/flink", "hdfs://namenode:9000/user/flink"],
  ["HDFS://namenode//user/flink/", "user/flink", "hdfs://namenode/user/flink"],
  ["webhdfs://namenode:50070", "", "webhdfs://namenode:50070"],
  ["swebhdfs://namenode/a%20b", "a%20b", "swebhdfs://namenode/a%20b"],
])("%s", async (text, path, location) => {
  expect(await remotePlace(text, new Map())).toMatchObject({ path, location });
});

test.each(["ftp://host/x"])("%s is named as not supported", async (location) => {
  await expect(remotePlace(location, new Map())).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: `checkpoints on '${location.split(":")[0]}:' are not supported yet`,
  });
});

const LOGIN = new Map([
  ["jdbc.user", "me"],
  ["jdbc.password", "hidden"],
]);

test.each([
  ["jdbc:mysql://localhost/db", "", "jdbc:mysql://localhost:3306/db"],
  ["jdbc:mariadb://u:hidden@h:3307/db/a//b/", "a/b", "jdbc:mariadb://h:3307/db/a/b"],
  ["JDBC:PostgreSQL://h/db/a?user=u&password=hidden&sslmode=require", "a", "jdbc:postgresql://h:5432/db/a"],
])("%s", async (text, path, location) => {
  expect(await remotePlace(text, LOGIN)).toMatchObject({ path, location });
});

test.each([
  ["jdbc:mysql:", "OPTION_INVALID"],
  ["jdbc:mysql://me:hidden@host", "OPTION_INVALID"],
  ["jdbc:oracle:thin:me/hidden@host:1521:db", "UNSUPPORTED"],
  ["jdbc:mysql://host/db?password=hidden&useCompression=true", "UNSUPPORTED"],
])("%s is refused without showing a password", async (text, code) => {
  const failed = remotePlace(text, LOGIN);
  await expect(failed).rejects.toMatchObject({ code, message: expect.not.stringContaining("hidden") });
});
