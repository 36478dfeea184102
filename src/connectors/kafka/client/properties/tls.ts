import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { SqlError } from "../../../../base/errors.ts";
import { lazyBuiltin } from "../../../../base/lazy-builtin.ts";
import type { PropertyReader } from "./reader.ts";

/** The `ssl.*` properties as Node takes them. Files are read here. */
export function tlsOptions(properties: PropertyReader, baseDirectory: string): ConnectionOptions {
  const options: ConnectionOptions = {
    ...truststore(properties, baseDirectory),
    ...keystore(properties, baseDirectory),
  };
  const versions = tlsVersions(properties);
  if (versions !== undefined) Object.assign(options, versions);
  if (properties.text("ssl.endpoint.identification.algorithm") === "") options.checkServerIdentity = () => undefined;
  try {
    lazyBuiltin.tls().createSecureContext(options);
  } catch (error) {
    throw new SqlError("OPTION_INVALID", `the options 'properties.ssl.*' do not fit: ${(error as Error).message}`, {
      hint: "Check that key and certificate belong together, and 'properties.ssl.key.password'.",
    });
  }
  return options;
}

function truststore(properties: PropertyReader, baseDirectory: string): ConnectionOptions {
  const inline = properties.text("ssl.truststore.certificates");
  if (inline !== undefined) return { ca: pem(inline, "ssl.truststore.certificates") };
  const location = properties.text("ssl.truststore.location");
  if (location === undefined) return {};
  const bytes = readStore(location, "ssl.truststore.location", baseDirectory);
  if (storeType(properties, "ssl.truststore.type", bytes) === "PEM") {
    return { ca: pem(bytes.toString("utf8"), "ssl.truststore.location") };
  }
  throw unsupportedStore("ssl.truststore", "openssl pkcs12 -in FILE.p12 -nokeys -out FILE.pem");
}

function keystore(properties: PropertyReader, baseDirectory: string): ConnectionOptions {
  const passphrase = properties.text("ssl.key.password");
  const secret = passphrase === undefined ? {} : { passphrase };
  const key = properties.text("ssl.keystore.key");
  const chain = properties.text("ssl.keystore.certificate.chain");
  if (key !== undefined || chain !== undefined) {
    if (key === undefined || chain === undefined) {
      const missing = key === undefined ? "ssl.keystore.key" : "ssl.keystore.certificate.chain";
      throw new SqlError(
        "OPTION_MISSING",
        `option 'properties.${missing}' is missing: key and certificates go together`,
      );
    }
    return { key: pem(key, "ssl.keystore.key"), cert: pem(chain, "ssl.keystore.certificate.chain"), ...secret };
  }
  const location = properties.text("ssl.keystore.location");
  if (location === undefined) return {};
  const bytes = readStore(location, "ssl.keystore.location", baseDirectory);
  const type = storeType(properties, "ssl.keystore.type", bytes);
  if (type === "PEM") {
    // One file holds both; each reader takes its own blocks.
    const text = pem(bytes.toString("utf8"), "ssl.keystore.location");
    return { key: text, cert: text, ...secret };
  }
  if (type === "JKS")
    throw unsupportedStore(
      "ssl.keystore",
      "keytool -importkeystore -srckeystore FILE.jks -destkeystore FILE.p12 -deststoretype PKCS12",
    );
  const password = properties.text("ssl.keystore.password") ?? passphrase;
  return { pfx: bytes, ...(password === undefined ? {} : { passphrase: password }) };
}

/** Java's default type is JKS, under which it reads PKCS12 as well. */
function storeType(properties: PropertyReader, name: string, bytes: Buffer): "PEM" | "PKCS12" | "JKS" {
  const given = properties.word(name, ["PEM", "PKCS12", "JKS"]) ?? "JKS";
  if (given !== "JKS") return given as "PEM" | "PKCS12";
  return bytes.length >= 4 && bytes.readUInt32BE(0) === JKS_MAGIC ? "JKS" : "PKCS12";
}

const JKS_MAGIC = 0xfeedfeed;

function readStore(location: string, name: string, baseDirectory: string): Buffer {
  try {
    return readFileSync(resolve(baseDirectory, location));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new SqlError(
      "FILE_NOT_FOUND",
      `the file '${location}' of option 'properties.${name}' cannot be read (${code})`,
      { cause: error },
    );
  }
}

/** SQL files and shells write line breaks of a PEM as `\n`, or as spaces on one line. */
function pem(text: string, name: string): string {
  const lines = text.replaceAll("\\n", "\n");
  if (!/-----BEGIN [A-Z0-9 ]+-----/.test(lines)) {
    throw new SqlError("OPTION_INVALID", `option 'properties.${name}' holds no PEM text (-----BEGIN …-----)`, {
      hint: name.endsWith("location") ? "For other kinds of files set the '….type' beside it." : undefined,
    });
  }
  return lines.replace(
    /(-----BEGIN [A-Z0-9 ]+-----)([^-]+)(-----END [A-Z0-9 ]+-----)/g,
    (_, begin: string, body: string, end: string) => {
      // An encrypted key of the old form has header lines, which must stay as they are.
      const content = body.includes(":") ? body.trim() : body.trim().split(/\s+/).join("\n");
      return `${begin}\n${content}\n${end}\n`;
    },
  );
}

function unsupportedStore(prefix: string, command: string): SqlError {
  return new SqlError(
    "UNSUPPORTED",
    `'properties.${prefix}.location' is a store that Node.js cannot read; PEM files are supported${prefix === "ssl.keystore" ? ", and PKCS12" : ""}`,
    {
      hint: `Convert it (${command}) and set 'properties.${prefix}.type' = 'PEM'${prefix === "ssl.keystore" ? " or 'PKCS12'" : ""}. A JKS file becomes PKCS12 by: keytool -importkeystore -srckeystore FILE.jks -destkeystore FILE.p12 -deststoretype PKCS12`,
    },
  );
}

function tlsVersions(properties: PropertyReader): Pick<ConnectionOptions, "minVersion" | "maxVersion"> | undefined {
  const enabled = properties.text("ssl.enabled.protocols");
  const highest = properties.word("ssl.protocol", ["TLS", "TLSv1.2", "TLSv1.3"]);
  const names = enabled?.split(",").map((name) => name.trim()) ?? [];
  for (const name of names) {
    if (name !== "TLSv1.2" && name !== "TLSv1.3") {
      throw new SqlError(
        "OPTION_INVALID",
        `invalid value in option 'properties.ssl.enabled.protocols': expected TLSv1.2 and TLSv1.3, got '${name}'`,
      );
    }
  }
  const only = highest === "TLSv1.2" ? "TLSv1.2" : undefined;
  if (names.length === 0) return only === undefined ? undefined : { maxVersion: only };
  const min = names.includes("TLSv1.2") ? "TLSv1.2" : "TLSv1.3";
  const max = names.includes("TLSv1.3") && only === undefined ? "TLSv1.3" : "TLSv1.2";
  return { minVersion: min, maxVersion: max };
}
