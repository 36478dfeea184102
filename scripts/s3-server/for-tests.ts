import { describeWithServer } from "../describe-with-server.ts";
import { whyNoServer } from "./binary.ts";
import { S3Server } from "./server.ts";

/** Tests with an S3 server of their own, with empty buckets of these names. */
export function describeS3(name: string, buckets: readonly string[], body: (server: () => S3Server) => void): void {
  const start = async (): Promise<S3Server> => S3Server.start(...buckets);
  describeWithServer(name, { word: "S3", why: () => whyNoServer(), start }, body);
}
