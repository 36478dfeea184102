// Starts a broker to play with: `npm run kafka`. Prints its address; ends with Ctrl-C, and takes its data with it.
import { KafkaBroker } from "./broker.ts";
import { whyNoBroker } from "./jars.ts";

const why = whyNoBroker();
if (why !== undefined) {
  console.error(`no broker: ${why}`);
  process.exit(1);
}
const broker = await KafkaBroker.start();
console.log(JSON.stringify({ bootstrap: broker.bootstrap(), pid: broker.pid, dataDirectory: broker.dataDirectory }));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    void broker.stop().then(() => process.exit(0));
  });
}
setInterval(() => {}, 1 << 30);
