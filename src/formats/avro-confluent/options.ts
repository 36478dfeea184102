import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { FormatOption } from "../api.ts";
import { readOptions } from "../options.ts";
import type { RegistrySettings } from "./registry.ts";
import { readTls } from "./tls.ts";

/** The options of the formats whose schemas are in a Confluent Schema Registry. */
export const REGISTRY_OPTIONS: readonly FormatOption[] = [
  {
    name: "url",
    summary: "The URL of the schema registry (several with commas between them: the next one when one is away).",
    type: "string",
  },
  {
    name: "subject",
    summary:
      "Where the schema of written records is registered; a sink needs it. Kafka's default is '<topic>-value' or '<topic>-key'.",
    type: "string",
  },
  {
    name: "schema",
    summary:
      "The schema by which records are read and written. It must match the table; without it, it follows from the table.",
    type: "string",
  },
  {
    name: "basic-auth.credentials-source",
    summary: "Where user and password come from: the option basic-auth.user-info, or the URL.",
    type: ["USER_INFO", "URL", "SASL_INHERIT"],
  },
  { name: "basic-auth.user-info", summary: "User and password, as user:password.", type: "string" },
  {
    name: "bearer-auth.credentials-source",
    summary: "Where the token comes from.",
    type: ["STATIC_TOKEN", "OAUTHBEARER", "SASL_OAUTHBEARER_INHERIT", "CUSTOM"],
  },
  { name: "bearer-auth.token", summary: "The token for STATIC_TOKEN.", type: "string" },
  {
    name: "ssl.keystore.location",
    summary: "A file with the client's key and certificate: PEM or PKCS12.",
    type: "string",
  },
  { name: "ssl.keystore.password", summary: "The password of the client's key.", type: "string" },
  { name: "ssl.truststore.location", summary: "A file with the certificates to trust: PEM.", type: "string" },
  { name: "ssl.truststore.password", summary: "Accepted; PEM needs none.", type: "string" },
  {
    name: "properties.*",
    summary:
      "Settings by the names of Confluent's client, for which there is no option here: `schema.registry.request.timeout.ms`, `schema.registry.ssl.key.password`; or for which there is (that one wins).",
    type: "string",
  },
  { name: "schema-registry.url", summary: "Older name of url.", type: "string" },
  { name: "schema-registry.subject", summary: "Older name of subject.", type: "string" },
  { name: "schema-registry.schema", summary: "Older name of schema.", type: "string" },
];

/** Older names of Flink's options. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  "schema-registry.url": "url",
  "schema-registry.subject": "subject",
  "schema-registry.schema": "schema",
};

/** Properties of Confluent's client, and the options that stand for them. */
const PROPERTIES: Readonly<Record<string, string | undefined>> = {
  "basic.auth.credentials.source": "basic-auth.credentials-source",
  "basic.auth.user.info": "basic-auth.user-info",
  "schema.registry.basic.auth.user.info": "basic-auth.user-info",
  "bearer.auth.credentials.source": "bearer-auth.credentials-source",
  "bearer.auth.token": "bearer-auth.token",
  "schema.registry.ssl.keystore.location": "ssl.keystore.location",
  "schema.registry.ssl.keystore.password": "ssl.keystore.password",
  "schema.registry.ssl.keystore.type": undefined,
  "schema.registry.ssl.key.password": undefined,
  "schema.registry.ssl.truststore.location": "ssl.truststore.location",
  "schema.registry.ssl.truststore.password": "ssl.truststore.password",
  "schema.registry.ssl.truststore.type": undefined,
  "schema.registry.request.timeout.ms": undefined,
};

const REQUEST_TIMEOUT_MILLIS = 20_000;

export interface ConfluentOptions {
  readonly registry: RegistrySettings;
  readonly subject: string | undefined;
  readonly schema: string | undefined;
}

/** Checks and reads the options; throws OPTION_* and UNSUPPORTED. Values of secrets are in no message. */
export function readConfluentOptions(format: string, given: Readonly<Record<string, string>>): ConfluentOptions {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!name.startsWith("properties.")) continue;
    const option = optionOfProperty(format, name.slice("properties.".length));
    if (option !== undefined) values[option] = value;
  }
  for (const [name, value] of Object.entries(given)) if (!Object.hasOwn(OLDER_NAMES, name)) values[name] = value;
  // After the others: a connector gives a default for `subject`.
  for (const [name, value] of Object.entries(given))
    if (Object.hasOwn(OLDER_NAMES, name)) values[OLDER_NAMES[name]!] = value;
  const options = readOptions(format, REGISTRY_OPTIONS, values);
  const urls = (options.string("url") ?? "").split(",").map((url) => url.trim());
  if (urls[0] === "") throw new SqlError("OPTION_MISSING", `option '${format}.url' is missing: the format requires it`);
  const timeout = values["properties.schema.registry.request.timeout.ms"];
  return {
    registry: {
      urls: urls.map((url) => readUrl(format, url)),
      authorization: readAuthorization(format, options.string, urls[0]!),
      tls: readTls(format, {
        keystore: options.string("ssl.keystore.location"),
        keystorePassword:
          options.string("properties.schema.registry.ssl.key.password") ?? options.string("ssl.keystore.password"),
        truststore: options.string("ssl.truststore.location"),
      }),
      timeoutMillis: timeout === undefined ? REQUEST_TIMEOUT_MILLIS : readMillis(format, timeout),
    },
    subject: options.string("subject"),
    schema: options.string("schema"),
  };
}

function optionOfProperty(format: string, property: string): string | undefined {
  if (Object.hasOwn(PROPERTIES, property)) return PROPERTIES[property];
  const names = Object.keys(PROPERTIES);
  throw new SqlError(
    "UNSUPPORTED",
    `the property '${property}' of the schema registry's client ('${format}.properties.${property}')`,
    {
      hint: didYouMean(property, names) ?? `what is read: ${names.join(", ")}`,
    },
  );
}

function readMillis(format: string, text: string): number {
  const millis = Number(text);
  if (Number.isInteger(millis) && millis > 0) return millis;
  throw new SqlError(
    "OPTION_INVALID",
    `'${format}.properties.schema.registry.request.timeout.ms' must be a number of milliseconds`,
  );
}

/** The URL without user and password. */
function readUrl(format: string, text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SqlError("OPTION_INVALID", `option '${format}.url' is no URL`, { hint: "such as http://localhost:8081" });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new SqlError("OPTION_INVALID", `option '${format}.url' must start with http:// or https://`);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

/** The header's value. */
function readAuthorization(
  format: string,
  option: (name: string) => string | undefined,
  url: string,
): string | undefined {
  const bearer = option("bearer-auth.credentials-source") ?? (option("bearer-auth.token") && "STATIC_TOKEN");
  if (bearer !== undefined) {
    if (bearer !== "STATIC_TOKEN")
      throw unsupportedSource(format, "bearer-auth.credentials-source", bearer, "STATIC_TOKEN");
    return `Bearer ${needed(format, option, "bearer-auth.token")}`;
  }
  const { username, password } = new URL(url);
  const source =
    option("basic-auth.credentials-source") ?? (option("basic-auth.user-info") === undefined ? "URL" : "USER_INFO");
  if (source === "SASL_INHERIT") throw unsupportedSource(format, "basic-auth.credentials-source", source, "USER_INFO");
  if (source === "USER_INFO") return basic(needed(format, option, "basic-auth.user-info"));
  return username === "" ? undefined : basic(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
}

function basic(userInfo: string): string {
  return `Basic ${Buffer.from(userInfo, "utf8").toString("base64")}`;
}

function needed(format: string, option: (name: string) => string | undefined, name: string): string {
  const value = option(name);
  if (value === undefined) throw new SqlError("OPTION_MISSING", `option '${format}.${name}' is missing`);
  return value;
}

function unsupportedSource(format: string, name: string, value: string, instead: string): SqlError {
  return new SqlError("UNSUPPORTED", `'${format}.${name}' = '${value}' is not supported`, {
    hint: `use '${instead}'`,
  });
}
