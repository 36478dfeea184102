import { spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts, killed, startServer } from "../server-process.ts";
import { hdfsJars } from "./jars.ts";

const JVM = [
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  "-Djava.net.preferIPv4Stack=true",
];
const START_MILLIS = 120_000;

/** A throw-away HDFS with its own data folder: a namenode and a datanode in one process; some 7 s until it answers, 300 MB. */
export class HdfsServer {
  readonly folder: string;
  /** Of the namenode's RPC. */
  readonly rpcPort: number;
  /** Of its WebHDFS. */
  readonly port: number;
  /** Lines `name=value` of Hadoop's configuration. */
  readonly #settings: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(folder: string, [rpcPort = 0, port = 0]: readonly number[], settings: readonly string[]) {
    this.folder = folder;
    this.rpcPort = rpcPort;
    this.port = port;
    this.#settings = settings;
  }

  /** An empty one; everyone may write below `/`. */
  static async start(...settings: readonly string[]): Promise<HdfsServer> {
    const server = new HdfsServer(mkdtempSync(join(tmpdir(), "millrace-hdfs-")), await freePorts(2), settings);
    try {
      await server.restart();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** A folder in it, as Flink's users write it. */
  location(folder: string): string {
    return `hdfs://127.0.0.1:${this.rpcPort}/${folder}`;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Options of `hdfs:` for it, or for something that stands in front of it. */
  options(endpoint: string = this.endpoint): Map<string, string> {
    return new Map([
      ["dfs.namenode.http-address", endpoint],
      ["hadoop.user.name", "flink"],
    ]);
  }

  /** In safe mode nothing is written. */
  async setSafeMode(on: boolean): Promise<void> {
    // There is no HTTP call for it.
    const args = ["-fs", this.location(""), "-safemode", on ? "enter" : "leave"];
    const tool = ["-Xmx64m", "-cp", join(hdfsJars(), "*"), "org.apache.hadoop.hdfs.tools.DFSAdmin", ...args];
    const run = spawnSync("java", tool, { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`safe mode was not changed: ${run.stderr}${run.stdout}`);
  }

  /** How often the datanode has synced a file to its disk. */
  async syncs(): Promise<number> {
    const answer = await fetch(`${this.endpoint}/jmx?qry=Hadoop:service=DataNode,name=DataNodeActivity-*`);
    const { beans } = (await answer.json()) as { readonly beans: readonly { readonly FsyncCount: number }[] };
    return beans.reduce((sum, { FsyncCount: count }) => sum + count, 0);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await killed(this.#child);
  }

  /** Comes back on the same ports (the datanode on another one) and data. */
  async restart(): Promise<void> {
    const isNew = !existsSync(join(this.folder, "dfs"));
    const settings = [
      "dfs.namenode.rpc-bind-host=127.0.0.1",
      "dfs.replication=1",
      "hadoop.security.authentication=simple",
      // So few that lists have several pages in tests.
      "dfs.ls.limit=10",
      // How long a datanode waits before it asks whether a file is complete: most of the time that a small one takes.
      "dfs.client.block.write.locateFollowingBlock.initial.delay.ms=10",
      ...this.#settings,
    ];
    this.#child = await startServer({
      name: "HDFS",
      command: "java",
      args: [
        ...JVM,
        `-Dtest.build.data=${this.folder}`,
        "-cp",
        join(hdfsJars(), "*"),
        "org.apache.hadoop.test.MiniDFSClusterManager",
        "-datanodes",
        "1",
        "-nnport",
        String(this.rpcPort),
        "-httpport",
        String(this.port),
        ...(isNew ? ["-format"] : []),
        ...settings.flatMap((setting) => ["-D", setting]),
      ],
      folder: this.folder,
      owner: process.pid,
      patienceMillis: START_MILLIS,
      isReady: async () => this.#isReady(isNew),
    });
  }

  /** The namenode has a datanode, and a new one belongs to everyone. */
  async #isReady(isNew: boolean): Promise<boolean> {
    try {
      const bean = await fetch(`${this.endpoint}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState`);
      const { beans } = (await bean.json()) as { readonly beans: readonly { readonly NumLiveDataNodes?: number }[] };
      if (!((beans[0]?.NumLiveDataNodes ?? 0) > 0)) return false;
      if (!isNew) return true;
      // The process's user is the only one who may.
      const query = `op=SETPERMISSION&permission=777&user.name=${userInfo().username}`;
      return (await fetch(`${this.endpoint}/webhdfs/v1/?${query}`, { method: "PUT" })).ok;
    } catch {
      return false;
    }
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
