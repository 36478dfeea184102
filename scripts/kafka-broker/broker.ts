import { type ChildProcess, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, isOpen, killed, startServer } from "../server-process.ts";
import { kafkaJars } from "./jars.ts";

export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

export interface BrokerOptions {
  /** Besides PLAINTEXT. */
  readonly listeners?: readonly Exclude<SecurityProtocol, "PLAINTEXT">[] | undefined;
  /** Lines for server.properties. */
  readonly properties?: readonly string[] | undefined;
  /** SCRAM users, in the form of `kafka-storage format --add-scram`. */
  readonly scram?: readonly string[] | undefined;
  /** The process that the broker is not to outlive; default: this one. */
  readonly owner?: number | undefined;
  /** One of several brokers of a cluster. */
  readonly member?: ClusterMember | undefined;
}

interface ClusterMember {
  readonly clusterId: string;
  readonly nodeId: number;
  /** Of all members, by node id from 1 on. */
  readonly controllerPorts: readonly number[];
}

const JVM = ["-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto"];
const START_MILLIS = 120_000;

/** A throw-away broker with its own data folder; about 4 s until it answers, 210 MB. */
export class KafkaBroker {
  readonly dataDirectory: string;
  private readonly ports: ReadonlyMap<SecurityProtocol, number>;
  private readonly owner: number;
  private child: ChildProcess | undefined;

  private constructor(dataDirectory: string, ports: ReadonlyMap<SecurityProtocol, number>, owner: number) {
    this.dataDirectory = dataDirectory;
    this.ports = ports;
    this.owner = owner;
  }

  static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
    const jars = kafkaJars();
    const folder = mkdtempSync(join(tmpdir(), "millrace-kafka-"));
    const listeners: SecurityProtocol[] = ["PLAINTEXT", ...(options.listeners ?? [])];
    const [freePort = 0, ...ports] = await freePorts(listeners.length + 1);
    const { member } = options;
    const controllerPort = member?.controllerPorts[member.nodeId - 1] ?? freePort;
    const portOf = new Map(listeners.map((listener, i) => [listener, ports[i] ?? 0]));
    const text = readFileSync(join(import.meta.dirname, "server.properties"), "utf8")
      .replaceAll("@CONTROLLER_PORT@", String(controllerPort))
      .replaceAll("@LISTENERS@", [...portOf].map(([name, port]) => `${name}://127.0.0.1:${port}`).join(","))
      .replaceAll("@PROTOCOLS@", listeners.map((name) => `${name}:${name}`).join(","))
      .replaceAll("@DATA@", join(folder, "log"));
    const properties = [...(member === undefined ? [] : memberProperties(member)), ...(options.properties ?? [])];
    writeFileSync(join(folder, "server.properties"), `${text}\n${properties.join("\n")}\n`);
    const broker = new KafkaBroker(folder, portOf, options.owner ?? process.pid);
    try {
      broker.format(jars, options.scram ?? [], member?.clusterId ?? newClusterId());
      await broker.restart();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  /** Brokers that are controllers too, with data replicated to all of them: one of three may be away. Node ids from 1 on. */
  static async startCluster(count: number): Promise<KafkaBroker[]> {
    const controllerPorts = await freePorts(count);
    const clusterId = newClusterId();
    return await Promise.all(
      controllerPorts.map((_, i) => KafkaBroker.start({ member: { clusterId, nodeId: i + 1, controllerPorts } })),
    );
  }

  /** `bootstrap.servers` of the listener. */
  bootstrap(listener: SecurityProtocol = "PLAINTEXT"): string {
    return `127.0.0.1:${this.ports.get(listener)}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await killed(this.child);
  }

  /** Comes back on the same ports and data. */
  async restart(): Promise<void> {
    const config = join(this.dataDirectory, "server.properties");
    this.child = await startServer({
      name: "the broker",
      command: "java",
      args: [...this.jvm(kafkaJars()), "kafka.Kafka", config],
      folder: this.dataDirectory,
      owner: this.owner,
      patienceMillis: START_MILLIS,
      // The listener for clients opens only when the broker takes requests.
      isReady: async () => isOpen(this.ports.get("PLAINTEXT") ?? 0),
    });
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await killed(this.child);
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  private format(jars: string, scram: readonly string[], id: string): void {
    const users = scram.flatMap((user) => ["--add-scram", user]);
    const config = join(this.dataDirectory, "server.properties");
    const run = spawnSync(
      "java",
      [...this.jvm(jars), "kafka.tools.StorageTool", "format", "-t", id, "-c", config, ...users],
      {
        encoding: "utf8",
      },
    );
    if (run.status !== 0) throw new Error(`the broker's folder was not formatted: ${run.stderr}${run.stdout}`);
  }

  private jvm(jars: string): string[] {
    return [...JVM, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", join(jars, "*")];
  }
}

function newClusterId(): string {
  return randomBytes(16).toString("base64url").replaceAll("-", "_");
}

function memberProperties({ nodeId, controllerPorts }: ClusterMember): string[] {
  const voters = controllerPorts.map((port, i) => `${i + 1}@127.0.0.1:${port}`);
  const replicas = controllerPorts.length;
  const enough = Math.ceil((replicas + 1) / 2);
  return [
    `node.id=${nodeId}`,
    `controller.quorum.voters=${voters.join(",")}`,
    `default.replication.factor=${replicas}`,
    `min.insync.replicas=${enough}`,
    `offsets.topic.replication.factor=${replicas}`,
    `transaction.state.log.replication.factor=${replicas}`,
    `transaction.state.log.min.isr=${enough}`,
    "replica.lag.time.max.ms=2000",
  ];
}
