import { join } from "node:path";
import { FaultProxy } from "../scripts/fault-proxy.ts";
import { HdfsServer } from "../scripts/hdfs-server/server.ts";
import { S3Server } from "../scripts/s3-server/server.ts";

/** Where the checkpoints of a bench lie; servers are real ones of this machine. */
export type BenchPlace = "disk" | "s3" | "hdfs";

/** A folder for checkpoints, and the requests that it has cost. */
export interface BenchStorage {
  readonly directory: string;
  /** Options of its storage. */
  readonly options: ReadonlyMap<string, string>;
  requests(): number;
  stop(): Promise<void>;
}

/** Starts what is needed. */
export async function benchStorage(place: BenchPlace, folder: string): Promise<BenchStorage> {
  if (place === "disk") {
    return {
      directory: join(folder, "checkpoints"),
      options: new Map(),
      requests: () => 0,
      stop: async () => undefined,
    };
  }
  const server = place === "s3" ? await S3Server.start("bucket") : await HdfsServer.start();
  const proxy = await FaultProxy.start(server.port, () => "pass");
  return {
    directory: server instanceof S3Server ? "s3://bucket/bench" : server.location("bench"),
    options: server.options(proxy.endpoint),
    requests: () => proxy.requests,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
