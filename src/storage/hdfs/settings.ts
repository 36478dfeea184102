import { userInfo } from "node:os";
import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import type { OptionDeclaration } from "../../base/options.ts";
import { hadoopConfig } from "./hadoop-config.ts";

/** Options of `hdfs:` (SET, -D, config file), with Hadoop's names. */
export const HDFS_OPTIONS: readonly (OptionDeclaration & {
  readonly minimum?: number;
  readonly supported?: readonly string[];
})[] = [
  {
    name: "dfs.namenode.http-address",
    summary:
      "host:port (or URL) of the namenode's WebHDFS, those of standby namenodes after commas; default: HADOOP_CONF_DIR's, else port 9870 of the URI's host",
    type: "string",
  },
  { name: "hadoop.user.name", summary: "default: HADOOP_USER_NAME, the user of this process", type: "string" },
  {
    name: "hadoop.security.authentication",
    summary: "how HDFS knows its users; default: HADOOP_CONF_DIR's, simple",
    type: ["simple", "kerberos"],
    supported: ["simple"],
  },
  { name: "hadoop.tokens", summary: "a delegation token, as Hadoop encodes it; default: HADOOP_TOKEN", type: "string" },
  {
    name: "dfs.webhdfs.socket.read-timeout",
    summary: "so long a server may be silent before a request is tried again",
    type: "duration",
    default: "60 s",
  },
  {
    name: "dfs.http.client.retry.max.attempts",
    summary: "how often a request is tried that fails for reasons that may pass",
    type: "int",
    default: "24",
    minimum: 1,
  },
  {
    name: "dfs.replication",
    summary: "on how many datanodes a file lies; default: the server's",
    type: "int",
    minimum: 1,
  },
];

/** How a folder of an HDFS is reached. */
export interface HdfsSettings {
  /** As its users write it: `hdfs://namenode:9000`. */
  readonly name: string;
  /** `user/flink`; "" the top. */
  readonly folder: string;
  /** WebHDFS of the namenode and its standbys. */
  readonly namenodes: readonly URL[];
  readonly user: string;
  readonly token: string | undefined;
  readonly timeoutMillis: number;
  readonly attempts: number;
  readonly replication: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const HTTP_PORT = 9870;
const HTTPS_PORT = 9871;

/**
 * Of a URI `hdfs://namenode:9000/folder`, `webhdfs://namenode:9870/folder` or `swebhdfs://…` (TLS). Throws OPTION_INVALID,
 * OPTION_MISSING, UNSUPPORTED (Kerberos). No message holds a token.
 */
export function hdfsSettings(
  location: string,
  options: ReadonlyMap<string, string>,
  environment: Environment = process.env,
): HdfsSettings {
  const config = hadoopConfig(environment["HADOOP_CONF_DIR"]);
  const given = (option: string, variable?: string): string | undefined =>
    [options.get(option), variable === undefined ? undefined : environment[variable], config.get(option)].find(
      (text) => text !== undefined && text !== "",
    );
  const token = given("hadoop.tokens", "HADOOP_TOKEN");
  if (token === undefined && given("hadoop.security.authentication")?.trim().toLowerCase() === "kerberos") {
    throw new SqlError("UNSUPPORTED", "Kerberos is not supported yet ('hadoop.security.authentication' = 'kerberos')", {
      hint: "give a delegation token: 'hadoop.tokens' or HADOOP_TOKEN",
    });
  }
  const { scheme, authority, folder } = partsOf(location, config.get("fs.defaultFS"));
  const namenodes = namenodesOf(scheme, authority, options.get("dfs.namenode.http-address"), config);
  const timeout = options.get("dfs.webhdfs.socket.read-timeout");
  return {
    name: `${scheme}://${authority}`,
    folder,
    namenodes,
    user: given("hadoop.user.name", "HADOOP_USER_NAME") ?? userInfo().username,
    token,
    timeoutMillis: (timeout === undefined ? undefined : parseDurationMillis(timeout)) ?? 60_000,
    attempts: Number(options.get("dfs.http.client.retry.max.attempts") ?? 24),
    replication: options.get("dfs.replication"),
  };
}

interface Parts {
  readonly scheme: string;
  /** host or host:port; the name of a nameservice. */
  readonly authority: string;
  readonly folder: string;
}

function partsOf(location: string, defaultPlace: string | undefined): Parts {
  const [, scheme = "", named = "", path = ""] =
    /^([a-z]+):(?:\/\/([a-z0-9._-]*(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)(?=\/|$)|(?!\/\/))(\/[^?#]*)?$/i.exec(location) ??
    [];
  if (scheme === "") {
    throw new SqlError("OPTION_INVALID", `'${location.replace(/\/\/[^/]*@/, "//")}' is no folder in HDFS`, {
      hint: "write hdfs://namenode:9000/folder; the user is named by 'hadoop.user.name' or HADOOP_USER_NAME",
    });
  }
  const names = path.split("/").filter((part) => part !== "");
  const wrong = names.find((name) => name === "." || name === ".." || name.includes(":"));
  if (wrong !== undefined) throw new SqlError("OPTION_INVALID", `'${location}': HDFS has no names such as '${wrong}'`);
  const fallback = defaultPlace === undefined ? undefined : /^hdfs:\/\/([^/]+)/i.exec(defaultPlace)?.[1];
  const authority = named === "" ? fallback : named;
  if (authority === undefined) {
    throw new SqlError("OPTION_MISSING", `'${location}' names no namenode`, {
      hint: "write hdfs://namenode:9000/folder, or set HADOOP_CONF_DIR to a folder whose core-site.xml has 'fs.defaultFS'",
    });
  }
  return { scheme: scheme.toLowerCase(), authority, folder: names.join("/") };
}

function namenodesOf(
  scheme: string,
  authority: string,
  option: string | undefined,
  config: ReadonlyMap<string, string>,
): readonly URL[] {
  const host = authority.replace(/:\d+$/, "");
  const secure = scheme === "swebhdfs" || config.get("dfs.http.policy") === "HTTPS_ONLY";
  const key = secure ? "dfs.namenode.https-address" : "dfs.namenode.http-address";
  const isService = listOf(config.get("dfs.nameservices")).includes(authority);
  const members = isService ? listOf(config.get(`dfs.ha.namenodes.${authority}`)) : [];
  const ofService = members.map((member) => config.get(`${key}.${authority}.${member}`) ?? "");
  const ofConfig = scheme === "hdfs" ? listOf(config.get(`${key}.${authority}`) ?? config.get(key)) : [authority];
  const named = [listOf(option), ofService.filter((text) => text !== ""), isService ? [] : ofConfig];
  const addresses = named.find((list) => list.length > 0) ?? [host];
  return addresses.map((text) => namenodeUrl(text, host, secure));
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function namenodeUrl(text: string, host: string, secure: boolean): URL {
  const whole = /^https?:\/\//i.test(text) ? text : `${secure ? "https" : "http"}://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.pathname !== "/") {
    throw new SqlError("OPTION_INVALID", "'dfs.namenode.http-address' is host:port of a namenode, without a user", {
      hint: "such as 'namenode:9870'",
    });
  }
  // In files of a namenode it stands for all of its addresses.
  if (url.hostname === "0.0.0.0") url.hostname = host;
  if (!/:\d+\/?$/.test(whole)) url.port = String(url.protocol === "https:" ? HTTPS_PORT : HTTP_PORT);
  return url;
}
