// `npm run test:servers`: fetches or builds, once on a machine, the servers that tests start; some minutes at most. Tests
// do so themselves, too, but several of them may then do it at once. Prints for each whether it is there.
import { hdfsJars, whyNoHdfs } from "./hdfs-server/jars.ts";
import { kafkaJars, whyNoBroker } from "./kafka-broker/jars.ts";
import { serverBinary, whyNoServer } from "./s3-server/binary.ts";
import { fetchRegistry, whyNoRegistry } from "./schema-registry/registry.ts";
import { MARIADB } from "./sql-servers/mariadb.ts";
import { POSTGRES } from "./sql-servers/postgres.ts";

/** Named as in `MILLRACE_TEST_<NAME>`. */
const servers = [
  { name: "KAFKA", why: whyNoBroker, prepare: kafkaJars },
  { name: "REGISTRY", why: whyNoRegistry, prepare: fetchRegistry },
  { name: "HDFS", why: whyNoHdfs, prepare: hdfsJars },
  { name: "JDBC", why: () => POSTGRES.whyNot() ?? MARIADB.whyNot(), prepare: () => undefined },
  // Takes longest, where it has to be built.
  { name: "S3", why: () => whyNoServer({ mayBuild: true }), prepare: serverBinary },
];
for (const { name, why, prepare } of servers) {
  const started = performance.now();
  let reason = why();
  try {
    if (reason === undefined) prepare();
  } catch (error) {
    reason = (error as Error).message;
  }
  const took = `ready (${((performance.now() - started) / 1000).toFixed(1)} s)`;
  process.stdout.write(`${name}: ${reason === undefined ? took : `none: ${reason}`}\n`);
}
