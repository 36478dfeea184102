import type { ConnectionOptions } from "node:tls";
import { SqlError } from "../../../../base/errors.ts";
import { invalidOption } from "../../../../base/options.ts";
import type { SaslSettings } from "../settings.ts";
import { parseJaas, type JaasLogin } from "./jaas.ts";
import { tokenSource, unsecuredToken } from "./oauth.ts";
import type { PropertyReader } from "./reader.ts";

const MODULES = {
  PLAIN: "PlainLoginModule",
  "SCRAM-SHA-256": "ScramLoginModule",
  "SCRAM-SHA-512": "ScramLoginModule",
  OAUTHBEARER: "OAuthBearerLoginModule",
} as const;

type Mechanism = keyof typeof MODULES;

/** The `sasl.*` properties. Passwords and secrets are in no message. */
export function saslSettings(properties: PropertyReader, tls: ConnectionOptions | undefined): SaslSettings {
  const mechanism = mechanismOf(properties);
  const login = parseJaas(properties.required("sasl.jaas.config", `a login by ${mechanism} needs it`));
  if (login.module !== MODULES[mechanism]) {
    throw new SqlError(
      "OPTION_CONFLICT",
      `option 'properties.sasl.jaas.config' names the module ${login.module}, but 'properties.sasl.mechanism' = '${mechanism}' needs ${MODULES[mechanism]}`,
    );
  }
  if (mechanism === "OAUTHBEARER") return bearer(properties, login, tls);
  return { mechanism, username: jaasOption(login, "username"), password: jaasOption(login, "password") };
}

function mechanismOf(properties: PropertyReader): Mechanism {
  const given = (properties.text("sasl.mechanism") ?? "GSSAPI").trim().toUpperCase();
  if (given in MODULES) return given as Mechanism;
  if (given === "GSSAPI" || given === "AWS_MSK_IAM") {
    throw new SqlError("UNSUPPORTED", `logins by ${given} are not supported`, {
      hint: `Set 'properties.sasl.mechanism' to one of ${Object.keys(MODULES).join(", ")}${given === "GSSAPI" ? " (without it, Kafka's default is GSSAPI)" : ""}.`,
    });
  }
  throw invalidOption("properties.sasl.mechanism", given, `one of ${Object.keys(MODULES).join(", ")}`);
}

function bearer(properties: PropertyReader, login: JaasLogin, tls: ConnectionOptions | undefined): SaslSettings {
  const handler = properties.text("sasl.login.callback.handler.class");
  if (handler !== undefined && !handler.endsWith(".OAuthBearerLoginCallbackHandler")) {
    throw new SqlError(
      "UNSUPPORTED",
      "option 'properties.sasl.login.callback.handler.class': Java classes cannot be loaded",
      {
        hint: "Tokens come by client credentials from 'properties.sasl.oauthbearer.token.endpoint.url'.",
      },
    );
  }
  const url = properties.text("sasl.oauthbearer.token.endpoint.url");
  const subject = login.options.get("unsecuredLoginStringClaim_sub");
  if (url === undefined && subject !== undefined) {
    const scope = login.options.get("unsecuredLoginStringClaim_scope");
    return { mechanism: "OAUTHBEARER", token: async () => unsecuredToken(subject, scope, UNSECURED_SECONDS) };
  }
  const endpoint = endpointOf(properties.required("sasl.oauthbearer.token.endpoint.url", "tokens come from there"));
  const timeoutMillis =
    properties.number("sasl.login.connect.timeout.ms", 5000) + properties.number("sasl.login.read.timeout.ms", 5000);
  const request = {
    endpoint,
    clientId: properties.text("sasl.oauthbearer.client.credentials.client.id") ?? jaasOption(login, "clientId"),
    clientSecret:
      properties.text("sasl.oauthbearer.client.credentials.client.secret") ?? jaasOption(login, "clientSecret"),
    scope: properties.text("sasl.oauthbearer.scope") ?? login.options.get("scope"),
    urlEncode: properties.word("sasl.oauthbearer.header.urlencode", ["true", "false"]) === "true",
    timeoutMillis,
    extensions: extensionsOf(login),
    tls,
  };
  return { mechanism: "OAUTHBEARER", token: tokenSource(request) };
}

const UNSECURED_SECONDS = 3600;
const EXTENSION = "extension_";

function extensionsOf(login: JaasLogin): Record<string, string> | undefined {
  const found = [...login.options].filter(([name]) => name.startsWith(EXTENSION));
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([name, value]) => [name.slice(EXTENSION.length), value]));
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new SqlError(
    "OPTION_INVALID",
    "invalid value for option 'properties.sasl.oauthbearer.token.endpoint.url': expected an http(s) address",
  );
}

function jaasOption(login: JaasLogin, name: string): string {
  const value = login.options.get(name);
  if (value !== undefined) return value;
  throw new SqlError("OPTION_MISSING", `'${name}' is missing in option 'properties.sasl.jaas.config'`);
}
