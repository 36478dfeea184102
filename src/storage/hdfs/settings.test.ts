import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hdfsSettings } from "./settings.ts";

const config = mkdtempSync(join(tmpdir(), "millrace-hadoop-conf-"));
afterAll(() => rmSync(config, { recursive: true, force: true }));

const addresses = (location: string, options: Record<string, string> = {}, environment = {}): readonly string[] =>
  hdfsSettings(location, new Map(Object.entries(options)), environment).namenodes.map(({ href }) => href);

test.each([
  ["hdfs://namenode:9000/user/flink", {}, ["http://namenode:9870/"]],
  ["hdfs://namenode/x", {}, ["http://namenode:9870/"]],
  ["hdfs://namenode:9000/x", { "dfs.namenode.http-address": "web:50070" }, ["http://web:50070/"]],
  ["hdfs://namenode:9000/x", { "dfs.namenode.http-address": "a:1, b" }, ["http://a:1/", "http://b:9870/"]],
  ["hdfs://namenode:9000/x", { "dfs.namenode.http-address": "https://a" }, ["https://a:9871/"]],
  ["hdfs:///x", { "dfs.namenode.http-address": "a:80" }, "OPTION_MISSING"],
  ["webhdfs://namenode:50070/x", {}, ["http://namenode:50070/"]],
  ["webhdfs://namenode/x", {}, ["http://namenode:9870/"]],
  ["swebhdfs://namenode/x", {}, ["https://namenode:9871/"]],
  ["hdfs://[::1]:9000/x", {}, ["http://[::1]:9870/"]],
  ["hdfs://me:secret@namenode/x", {}, "OPTION_INVALID"],
  ["hdfs://namenode/x?y", {}, "OPTION_INVALID"],
  ["hdfs://namenode/a/../b", {}, "OPTION_INVALID"],
  ["hdfs://namenode/a:b", {}, "OPTION_INVALID"],
  ["hdfs://namenode/x", { "dfs.namenode.http-address": "http://me:secret@a" }, "OPTION_INVALID"],
  ["hdfs://namenode/x", { "dfs.namenode.http-address": "http://a/b" }, "OPTION_INVALID"],
  ["hdfs://namenode/x", { "hadoop.security.authentication": "kerberos" }, "UNSUPPORTED"],
])("%s with %j", (location, options, expected) => {
  if (typeof expected !== "string") expect(addresses(location, options)).toEqual(expected);
  else
    expect(() => addresses(location, options)).toThrow(
      expect.objectContaining({ code: expected, message: expect.not.stringContaining("secret") }),
    );
});

test("the user: option, environment, this process's", () => {
  const userOf = (options: Record<string, string>, environment = {}): string =>
    hdfsSettings("hdfs://n/x", new Map(Object.entries(options)), environment).user;
  expect(userOf({ "hadoop.user.name": "a" }, { HADOOP_USER_NAME: "b" })).toBe("a");
  expect(userOf({}, { HADOOP_USER_NAME: "b" })).toBe("b");
  expect(userOf({})).not.toBe("");
});

test("Hadoop's own files: default place, addresses, a nameservice with two namenodes, Kerberos", () => {
  const property = (name: string, value: string): string =>
    `<property>\n  <name>${name}</name> <value>${value}</value>\n</property>`;
  const write = (file: string, ...properties: readonly string[]): void =>
    writeFileSync(join(config, file), `<?xml version="1.0"?>\n<configuration>${properties.join("\n")}</configuration>`);
  const environment = { HADOOP_CONF_DIR: config };
  const of = (location: string, options = {}): readonly string[] => addresses(location, options, environment);
  expect(of("hdfs://nn:9000/x")).toEqual(["http://nn:9870/"]);

  write("core-site.xml", property("fs.defaultFS", "hdfs://nn:9000"));
  write("hdfs-site.xml", property("dfs.namenode.http-address", "0.0.0.0:50070"), `<!-- ${property("x", "y")} -->`);
  expect(of("hdfs:///x")).toEqual(["http://nn:50070/"]);
  expect(of("webhdfs://other:1/x")).toEqual(["http://other:1/"]);
  expect(of("hdfs:///x", { "dfs.namenode.http-address": "a:1" })).toEqual(["http://a:1/"]);

  write("core-site.xml", property("fs.defaultFS", "hdfs://cluster"));
  write(
    "hdfs-site.xml",
    property("dfs.nameservices", "cluster, other"),
    property("dfs.ha.namenodes.cluster", "nn1,nn2"),
    property("dfs.namenode.http-address.cluster.nn1", "one:9870"),
    property("dfs.namenode.http-address.cluster.nn2", "two:9870"),
  );
  const { namenodes, name, folder } = hdfsSettings("hdfs:///user/flink", new Map(), environment);
  expect([name, folder, ...namenodes.map(({ host }) => host)]).toEqual([
    "hdfs://cluster",
    "user/flink",
    "one:9870",
    "two:9870",
  ]);

  write("core-site.xml", property("hadoop.security.authentication", "kerberos"));
  expect(() => of("hdfs://nn/x")).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
  expect(hdfsSettings("hdfs://nn/x", new Map(), { ...environment, HADOOP_TOKEN: "t" }).token).toBe("t");
});
