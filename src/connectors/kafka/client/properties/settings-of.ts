import { SqlError } from "../../../../base/errors.ts";
import { didYouMean } from "../../../../base/suggest.ts";
import type { Address, ClientSettings } from "../settings.ts";
import { findProperty, KAFKA_PROPERTIES } from "./names.ts";
import { PropertyReader } from "./reader.ts";
import { saslSettings } from "./sasl.ts";
import { tlsOptions } from "./tls.ts";

type Properties = Readonly<Record<string, string>>;

/**
 * The settings that `properties.*` (without that prefix) say. Throws for what is wrong, and by name for security options
 * that cannot be obeyed: silently leaving one out would trust somebody it was not meant to.
 */
export function settingsOf(values: Properties, baseDirectory: string): ClientSettings {
  refuseUnsafe(values);
  const properties = new PropertyReader(values);
  const protocol =
    properties.word("security.protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]) ?? "PLAINTEXT";
  const tls = protocol.endsWith("SSL") ? tlsOptions(properties, baseDirectory) : undefined;
  return {
    bootstrap: addressesOf(properties.required("bootstrap.servers", "it says where the cluster is")),
    clientId: properties.text("client.id") ?? "millrace",
    tls,
    sasl: protocol.startsWith("SASL") ? saslSettings(properties, tls) : undefined,
    connectTimeoutMillis: properties.number("socket.connection.setup.timeout.ms", 10_000, 1),
    requestTimeoutMillis: properties.number("request.timeout.ms", 30_000, 1),
    apiTimeoutMillis: properties.number("default.api.timeout.ms", 60_000, 1),
    deliveryTimeoutMillis: properties.number("delivery.timeout.ms", 120_000, 1),
    metadataMaxAgeMillis: properties.number("metadata.max.age.ms", 300_000),
    retry: {
      backoffMillis: properties.number("retry.backoff.ms", 100, 1),
      maxBackoffMillis: properties.number("retry.backoff.max.ms", 1000, 1),
    },
    fetch: {
      maxWaitMillis: properties.number("fetch.max.wait.ms", 500),
      minBytes: properties.number("fetch.min.bytes", 1),
      maxBytes: properties.number("fetch.max.bytes", 52_428_800, 1),
      maxPartitionBytes: properties.number("max.partition.fetch.bytes", 1_048_576, 1),
    },
  };
}

/** Names of properties that are accepted and do nothing: those that only tune the Java client, and unknown ones. */
export function propertiesWithoutEffect(values: Properties): readonly string[] {
  return Object.keys(values).filter((name) => {
    const use = findProperty(name)?.use;
    return use === undefined || use === "tuning";
  });
}

function refuseUnsafe(values: Properties): void {
  for (const name of Object.keys(values)) {
    const property = findProperty(name);
    if (property?.use === "refused") {
      throw new SqlError("UNSUPPORTED", `option 'properties.${name}' is not supported: ${property.note}`);
    }
    if (property === undefined && SECURITY.test(name)) {
      const names = KAFKA_PROPERTIES.map((each) => each.name).filter((each) => SECURITY.test(each));
      throw new SqlError("OPTION_UNKNOWN", `unknown option 'properties.${name}': security options are not ignored`, {
        hint: didYouMean(name, names),
      });
    }
  }
}

const SECURITY = /^(ssl|sasl|security)\./;

function addressesOf(text: string): Address[] {
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "").map((part) => addressOf(part));
}

function addressOf(text: string): Address {
  const match = ADDRESS.exec(text);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3]);
  if (host !== "" && port > 0 && port <= 65_535) return { host, port };
  throw new SqlError(
    "OPTION_INVALID",
    `invalid address '${text}' in option 'properties.bootstrap.servers': expected host:port`,
    {
      hint: "Kafka's usual port is 9092: 'localhost:9092'.",
    },
  );
}

/** As Java reads it: a protocol in front is passed over, IPv6 addresses stand in brackets. */
const ADDRESS = /^(?:[A-Za-z_]+:\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s/]+)):(\d+)$/;
