import { messageOf } from "../../../base/errors.ts";
import { KafkaError } from "./errors.ts";
import { addressText, type Address, type ClientSettings } from "./settings.ts";

/** The error for a connection that did not come about. Nothing secret is in what Node and brokers say. */
export function connectionFailed(error: unknown, address: Address, settings: ClientSettings): KafkaError {
  if (error instanceof KafkaError) return error;
  const place = addressText(address);
  const words = messageOf(error);
  const code = codeOf(error);
  if (isAuthenticationFailure(error)) return authenticationFailed(words, place, settings);
  const known = code === undefined ? undefined : FAILURES[code];
  if (known !== undefined) {
    return new KafkaError("CONNECTION_FAILED", `no connection to Kafka at ${place}: ${known.says}`, {
      hint: known.hint,
      cause: error,
      ...(known.final === true ? FINAL : {}),
    });
  }
  if (settings.tls !== undefined && isTlsFailure(code, words)) {
    return new KafkaError("CONNECTION_FAILED", `no TLS connection to Kafka at ${place}: ${plain(words)}`, {
      hint: "Check that this listener speaks TLS ('properties.security.protocol'), and the 'properties.ssl.*' options.",
      cause: error,
    });
  }
  return new KafkaError("CONNECTION_FAILED", `no connection to Kafka at ${place}: ${plain(words)}`, {
    hint: "Check 'properties.bootstrap.servers', and that the broker runs.",
    cause: error,
  });
}

/** The error for requests that were under way. `proven`: the connection has worked before. */
export function connectionLost(why: string, address: Address, proven: boolean): KafkaError {
  return new KafkaError(
    "CONNECTION_LOST",
    `the connection to Kafka at ${addressText(address)} was lost: ${plain(why)}`,
    {
      hint: proven
        ? undefined
        : "A broker that closes at once may expect TLS or a login: check 'properties.security.protocol' for this port.",
    },
  );
}

export function noAnswer(request: string, timeoutMillis: number, address: Address): KafkaError {
  const seconds = Math.round(timeoutMillis / 100) / 10;
  return new KafkaError(
    "NO_ANSWER_IN_TIME",
    `Kafka at ${addressText(address)} gave no answer to ${request} in ${seconds} s`,
    {
      hint: "The broker may be overloaded; 'properties.request.timeout.ms' is how long a request may take.",
    },
  );
}

function authenticationFailed(words: string, place: string, { sasl }: ClientSettings): KafkaError {
  const mechanism = sasl?.mechanism ?? "SASL";
  return new KafkaError(
    "AUTHENTICATION_FAILED",
    `Kafka at ${place} refused the login by ${mechanism}: ${plain(words)}`,
    {
      hint: "Check user and password in 'properties.sasl.jaas.config', 'properties.sasl.mechanism', and that the broker has this mechanism switched on.",
    },
  );
}

function isAuthenticationFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const type = (error as { readonly type?: unknown }).type;
  return (
    error.name === "KafkaJSSASLAuthenticationError" ||
    type === "SASL_AUTHENTICATION_FAILED" ||
    type === "UNSUPPORTED_SASL_MECHANISM"
  );
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

function isTlsFailure(code: string | undefined, words: string): boolean {
  return /SSL|TLS|EPROTO|ECONNRESET/.test(`${code} ${words}`);
}

function plain(words: string): string {
  return words.replace(/^(Connection error: )+/, "").replace(/\.$/, "") || "no reason given";
}

const FINAL = { repetition: "never", retryable: false } as const;

interface Failure {
  readonly says: string;
  readonly hint: string;
  /** Waiting does not help. */
  readonly final?: boolean | undefined;
}

const CHECK_ADDRESS = "Check the host in 'properties.bootstrap.servers' and in the brokers' 'advertised.listeners'.";
const TRUST =
  "Give the authority's certificate in 'properties.ssl.truststore.certificates' or 'properties.ssl.truststore.location'.";
const UNTRUSTED: Failure = {
  says: "its certificate is signed by an authority that is not trusted",
  hint: TRUST,
  final: true,
};

const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: {
    says: "nothing listens there (ECONNREFUSED)",
    hint: "Check host and port in 'properties.bootstrap.servers', and that the broker runs.",
  },
  ENOTFOUND: { says: "the host name is not known (ENOTFOUND)", hint: CHECK_ADDRESS },
  EAI_AGAIN: { says: "the host name cannot be looked up at present (EAI_AGAIN)", hint: CHECK_ADDRESS },
  EHOSTUNREACH: { says: "there is no way to the host (EHOSTUNREACH)", hint: CHECK_ADDRESS },
  ENETUNREACH: { says: "there is no way to the network (ENETUNREACH)", hint: CHECK_ADDRESS },
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: { says: "its certificate has expired", hint: "Renew the broker's certificate.", final: true },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: "its certificate was issued for another host name",
    hint: "Use a name that is in the certificate; 'properties.ssl.endpoint.identification.algorithm' = '' switches the check off.",
    final: true,
  },
};
