import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { kafkaJars } from "./jars.ts";

/** Why Java's consumer cannot be run; undefined: it can. */
export function whyNoTopicReader(): string | undefined {
  const { stdout } = spawnSync("java", ["--list-modules"], { encoding: "utf8" });
  return stdout?.includes("jdk.compiler") === true ? undefined : "'java' is no JDK: it has no compiler";
}

/** A record as Java's consumer gives it. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** What a read_committed consumer of Java sees of a topic. */
export interface ReadTopic {
  readonly records: readonly ReadRecord[];
  /** Partitions in which a transaction is open, so that readers wait. */
  readonly openPartitions: number;
}

/** Java's own consumer in a process, which lives until `close`; one question at a time. */
export class TopicReader {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stderr!.on("data", (piece: Buffer) => (this.#stderr = (this.#stderr + piece.toString()).slice(-4000)));
  }

  static async start(bootstrap: string): Promise<TopicReader> {
    const options = [
      "-Xmx256m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    ];
    const source = join(import.meta.dirname, "TopicReader.java");
    const args = [...options, "-cp", join(kafkaJars(), "*"), source, bootstrap];
    const reader = new TopicReader(spawn("java", args, { stdio: ["pipe", "pipe", "pipe"] }));
    await reader.#next();
    return reader;
  }

  async read(topic: string): Promise<ReadTopic> {
    this.#child.stdin!.write(`${topic}\n`);
    const records: ReadRecord[] = [];
    for (;;) {
      const [partition = "", offset, key, value] = (await this.#next()).split(" ");
      if (partition === "end") return { records, openPartitions: Number(offset) };
      records.push({ partition: Number(partition), offset: Number(offset), key: textOf(key), value: textOf(value) });
    }
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`Java's consumer has ended: ${this.#stderr}`);
    return value;
  }
}

function textOf(field: string | undefined): string | null {
  return field?.startsWith("=") === true ? Buffer.from(field.slice(1), "base64").toString() : null;
}
