import { join } from "node:path";
import { FaultProxy } from "../scripts/fault-proxy.ts";
import { HdfsServer } from "../scripts/hdfs-server/server.ts";
import { S3Server } from "../scripts/s3-server/server.ts";
import { openCheckpoint } from "../src/checkpoint/checkpoint-directory.ts";
import { FilesystemStorage } from "../src/checkpoint/filesystem-storage.ts";
import type { Compression } from "../src/checkpoint/metadata.ts";
import { PlaceStorage } from "../src/checkpoint/place-storage.ts";
import type { CheckpointStorage } from "../src/checkpoint/storage.ts";
import { remotePlace } from "../src/storage/remote-place.ts";

/** Where the checkpoints of a bench lie; servers are real ones of this machine. */
export type BenchPlace = "disk" | "s3" | "hdfs";

/** A storage for checkpoints, and the requests that it has cost. */
export interface BenchStorage {
  open(compression: Compression): Promise<CheckpointStorage>;
  requests(): number;
  stop(): Promise<void>;
}

/** Starts what is needed. */
export async function benchStorage(place: BenchPlace, folder: string): Promise<BenchStorage> {
  if (place === "disk") {
    const directory = join(folder, "checkpoints");
    return {
      open: async (compression) =>
        new FilesystemStorage({ directory, compression, nowMillis: Date.now, open: openCheckpoint }),
      requests: () => 0,
      stop: async () => undefined,
    };
  }
  const server = place === "s3" ? await S3Server.start("bucket") : await HdfsServer.start();
  const proxy = await FaultProxy.start(server.port, () => "pass");
  const location = server instanceof S3Server ? "s3://bucket/bench" : server.location("bench");
  return {
    open: async (compression) => {
      const found = await remotePlace(location, server.options(proxy.endpoint));
      if (found === undefined) throw new Error(`${location} is no storage`);
      return new PlaceStorage({ place: found, compression, nowMillis: Date.now, open: openCheckpoint });
    },
    requests: () => proxy.requests,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
