import { readFileSync } from "node:fs";
import { SqlError } from "../../base/errors.ts";

/** What node:https takes. */
export interface TlsSettings {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly pfx?: Buffer | undefined;
  readonly passphrase?: string | undefined;
}

interface Stores {
  readonly keystore: string | undefined;
  readonly keystorePassword: string | undefined;
  readonly truststore: string | undefined;
}

/** Reads key and certificates; undefined: no store is given. */
export function readTls(format: string, { keystore, keystorePassword, truststore }: Stores): TlsSettings | undefined {
  if (keystore === undefined && truststore === undefined) return undefined;
  let settings: TlsSettings = {};
  if (keystore !== undefined) {
    const { bytes, kind } = readStore(format, "ssl.keystore.location", keystore);
    settings = { passphrase: keystorePassword, ...(kind === "PEM" ? { key: bytes, cert: bytes } : { pfx: bytes }) };
  }
  if (truststore !== undefined) {
    const { bytes, kind } = readStore(format, "ssl.truststore.location", truststore);
    if (kind === "PKCS12") {
      throw new SqlError("UNSUPPORTED", `the file of '${format}.ssl.truststore.location' is PKCS12: '${truststore}'`, {
        hint: `make a PEM file of it: openssl pkcs12 -in ${truststore} -nokeys -out truststore.pem`,
      });
    }
    settings = { ...settings, ca: bytes };
  }
  return settings;
}

function readStore(format: string, option: string, path: string): { bytes: Buffer; kind: "PEM" | "PKCS12" } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new SqlError("FILE_NOT_FOUND", `the file of '${format}.${option}' cannot be read: '${path}'`, {
      cause: error,
    });
  }
  if (bytes.includes("-----BEGIN ")) return { bytes, kind: "PEM" };
  // A sequence in DER.
  if (bytes[0] === 0x30) return { bytes, kind: "PKCS12" };
  throw new SqlError(
    "UNSUPPORTED",
    `the file of '${format}.${option}' is ${isJks(bytes) ? "a Java keystore (JKS)" : "neither PEM nor PKCS12"}: '${path}'`,
    {
      hint: `make a PKCS12 file of it: keytool -importkeystore -srckeystore ${path} -destkeystore store.p12 -deststoretype PKCS12`,
    },
  );
}

function isJks(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed;
}
