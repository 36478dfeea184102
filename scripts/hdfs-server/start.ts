// `npm run hdfs`: an empty HDFS to play with, until Ctrl-C.
import { stopOnSignal } from "../server-process.ts";
import { whyNoHdfs } from "./jars.ts";
import { HdfsServer } from "./server.ts";

const why = whyNoHdfs();
if (why !== undefined) {
  process.stderr.write(`no HDFS: ${why}\n`);
  process.exit(1);
}
const server = await HdfsServer.start();
process.stdout.write(`An HDFS with one datanode; Ctrl-C stops it and removes its data.

SET 'dfs.namenode.http-address' = '127.0.0.1:${server.port}';
SET 'execution.checkpointing.dir' = '${server.location("user/flink")}';
or, where there are no options: webhdfs://127.0.0.1:${server.port}/user/flink
`);
stopOnSignal(async () => server.stop());
