import type { ConnectionOptions } from "node:tls";
import type { RetryPolicy } from "./retry.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type SaslSettings =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: "OAUTHBEARER"; token(): Promise<BearerToken> };

export interface BearerToken {
  readonly value: string;
  /** SASL extensions (`logicalCluster` and the like). */
  readonly extensions?: Readonly<Record<string, string>> | undefined;
}

/** What `properties.*` say, checked: everything that connections and calls need to know. */
export interface ClientSettings {
  readonly bootstrap: readonly Address[];
  readonly clientId: string;
  readonly tls: ConnectionOptions | undefined;
  readonly sasl: SaslSettings | undefined;
  readonly connectTimeoutMillis: number;
  readonly requestTimeoutMillis: number;
  readonly apiTimeoutMillis: number;
  readonly deliveryTimeoutMillis: number;
  readonly metadataMaxAgeMillis: number;
  readonly retry: RetryPolicy;
  readonly fetch: {
    readonly maxWaitMillis: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly maxPartitionBytes: number;
  };
}

export function addressText({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
