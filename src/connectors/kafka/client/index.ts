/** The way to a Kafka cluster, as the source and the sink use it. kafkajs is loaded when a client is made, not before. */
import type { ConnectOptions, KafkaClient } from "./api.ts";
import { openClient } from "./client.ts";
import { settingsOf } from "./properties/settings-of.ts";
import { kafkajsTransport } from "./transport.ts";

/** A client of the cluster that `properties.*` (without that prefix) name. Throws a KafkaError when nobody answers there. */
export async function connectKafka(
  properties: Readonly<Record<string, string>>,
  options: ConnectOptions = {},
): Promise<KafkaClient> {
  const settings = settingsOf(properties, options.baseDirectory ?? process.cwd());
  return openClient(settings, kafkajsTransport, options.log ?? (() => {}), options);
}
