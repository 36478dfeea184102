// `npm run test:servers`: fetches or builds, once on a machine, the servers that tests start; some minutes at most. Tests
// do so themselves, too, but several of them may then do it at once.
import { hdfsJars, whyNoHdfs } from "./hdfs-server/jars.ts";
import { kafkaJars, whyNoBroker } from "./kafka-broker/jars.ts";
import { serverBinary, whyNoServer } from "./s3-server/binary.ts";
import { fetchRegistry, whyNoRegistry } from "./schema-registry/registry.ts";

const servers = [
  { name: "Kafka", why: whyNoBroker, prepare: kafkaJars },
  { name: "schema registry", why: whyNoRegistry, prepare: fetchRegistry },
  { name: "HDFS", why: whyNoHdfs, prepare: hdfsJars },
  { name: "S3", why: () => whyNoServer({ mayBuild: true }), prepare: serverBinary },
];
for (const { name, why, prepare } of servers) {
  const started = performance.now();
  const reason = why();
  if (reason === undefined) prepare();
  const took = `ready (${((performance.now() - started) / 1000).toFixed(1)} s)`;
  process.stdout.write(`${name}: ${reason === undefined ? took : `none: ${reason}`}\n`);
}
