import type { ConnectionOptions } from "node:tls";
import { lazyBuiltin } from "../../../../base/lazy-builtin.ts";
import { KafkaError } from "../errors.ts";
import type { BearerToken } from "../settings.ts";

export interface TokenRequest {
  readonly endpoint: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly urlEncode: boolean;
  readonly timeoutMillis: number;
  readonly extensions: Readonly<Record<string, string>> | undefined;
  readonly tls: ConnectionOptions | undefined;
}

/** Part of a token's life after which it is fetched again. */
const REFRESH_AFTER = 0.8;

/** Tokens by client credentials, one for all connections while it is good. */
export function tokenSource(request: TokenRequest): () => Promise<BearerToken> {
  let current: { readonly token: Promise<BearerToken>; refreshAtMillis: number } | undefined;
  return () => {
    if (current !== undefined && Date.now() < current.refreshAtMillis) return current.token;
    const fetched = fetchToken(request);
    const mine = { token: fetched.then(({ token }) => token), refreshAtMillis: Number.POSITIVE_INFINITY };
    current = mine;
    fetched.then(
      ({ lifetimeMillis }) => (mine.refreshAtMillis = Date.now() + lifetimeMillis * REFRESH_AFTER),
      () => (mine.refreshAtMillis = 0),
    );
    return mine.token;
  };
}

/** A token without signature, as Kafka's default login module makes it for development. */
export function unsecuredToken(subject: string, scope: string | undefined, lifetimeSeconds: number): BearerToken {
  const seconds = Date.now() / 1000;
  const claims = {
    sub: subject,
    iat: seconds,
    exp: seconds + lifetimeSeconds,
    ...(scope === undefined ? {} : { scope }),
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return { value: `${part({ alg: "none" })}.${part(claims)}.` };
}

async function fetchToken(request: TokenRequest): Promise<{ token: BearerToken; lifetimeMillis: number }> {
  const answer = await post(request);
  let parsed: { readonly access_token?: unknown; readonly expires_in?: unknown; readonly error?: unknown } = {};
  try {
    parsed = JSON.parse(answer.body) as typeof parsed;
  } catch {
    // Told below, by what is missing.
  }
  const { access_token: value, expires_in: seconds, error } = parsed;
  if (answer.status !== 200 || typeof value !== "string") {
    const why = typeof error === "string" ? `${answer.status}, ${error}` : `${answer.status}`;
    throw failed(request, `it answered ${why}${answer.status === 200 ? " without an access_token" : ""}`);
  }
  const lifetimeMillis = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 60_000;
  return { token: { value, extensions: request.extensions }, lifetimeMillis };
}

function post(request: TokenRequest): Promise<{ readonly status: number; readonly body: string }> {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (request.scope !== undefined) form.set("scope", request.scope);
  const encode = request.urlEncode ? encodeURIComponent : (text: string) => text;
  const login = Buffer.from(`${encode(request.clientId)}:${encode(request.clientSecret)}`).toString("base64");
  const headers = {
    Authorization: `Basic ${login}`,
    Accept: "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
  };
  const send = request.endpoint.protocol === "https:" ? lazyBuiltin.https().request : lazyBuiltin.http().request;
  return new Promise((resolve, reject) => {
    const call = send(
      request.endpoint,
      { ...request.tls, method: "POST", headers, timeout: request.timeoutMillis },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
        );
        response.on("error", (error) => reject(failed(request, error.message)));
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer in ${request.timeoutMillis / 1000} s`)));
    call.on("error", (error: NodeJS.ErrnoException) => reject(failed(request, error.code ?? error.message)));
    call.end(form.toString());
  });
}

function failed({ endpoint }: TokenRequest, why: string): KafkaError {
  return new KafkaError("AUTHENTICATION_FAILED", `no token from ${endpoint.origin}${endpoint.pathname}: ${why}`, {
    hint: "Check 'properties.sasl.oauthbearer.token.endpoint.url', and clientId, clientSecret and scope in 'properties.sasl.jaas.config'.",
  });
}
