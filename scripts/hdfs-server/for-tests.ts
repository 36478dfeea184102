import { describeWithServer } from "../describe-with-server.ts";
import { whyNoHdfs } from "./jars.ts";
import { HdfsServer } from "./server.ts";

/** Tests with an HDFS of their own, which is empty. */
export function describeHdfs(name: string, body: (server: () => HdfsServer) => void): void {
  describeWithServer(name, { word: "HDFS", why: whyNoHdfs, start: async () => HdfsServer.start() }, body);
}
