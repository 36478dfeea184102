import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import { CERTIFICATE, KEY, PKCS12 } from "./certificate.test-helper.ts";
import { encodeMessages } from "./confluent-messages.test-helper.ts";
import { debeziumAvroConfluentFormat } from "./debezium.ts";
import { FakeRegistry } from "./fake-registry.test-helper.ts";
import { avroConfluentFormat } from "./format.ts";
import { readConfluentOptions } from "./options.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-tls-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const problemOf = (options: Readonly<Record<string, string>>): unknown => {
  try {
    return readConfluentOptions("avro-confluent", options);
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
};

test("options that do not go", () => {
  const url = "http://localhost:8081";
  expect(problemOf({})).toBe("OPTION_MISSING option 'avro-confluent.url' is missing: the format requires it");
  expect(problemOf({ url: "localhost" })).toBe("OPTION_INVALID option 'avro-confluent.url' is no URL");
  expect(problemOf({ url: "ftp://x" })).toBe(
    "OPTION_INVALID option 'avro-confluent.url' must start with http:// or https://",
  );
  expect(problemOf({ url, subjekt: "s" })).toBe(
    "OPTION_UNKNOWN format 'avro-confluent' has no option 'avro-confluent.subjekt'",
  );
  expect(problemOf({ url, "properties.auto.register.schemas": "false" })).toBe(
    "UNSUPPORTED the property 'auto.register.schemas' of the schema registry's client ('avro-confluent.properties.auto.register.schemas')",
  );
  expect(problemOf({ url, "basic-auth.credentials-source": "SASL_INHERIT" })).toBe(
    "UNSUPPORTED 'avro-confluent.basic-auth.credentials-source' = 'SASL_INHERIT' is not supported",
  );
  expect(problemOf({ url, "bearer-auth.credentials-source": "OAUTHBEARER" })).toBe(
    "UNSUPPORTED 'avro-confluent.bearer-auth.credentials-source' = 'OAUTHBEARER' is not supported",
  );
  expect(problemOf({ url, "basic-auth.credentials-source": "USER_INFO" })).toBe(
    "OPTION_MISSING option 'avro-confluent.basic-auth.user-info' is missing",
  );
  expect(problemOf({ url, "properties.schema.registry.request.timeout.ms": "soon" })).toBe(
    "OPTION_INVALID 'avro-confluent.properties.schema.registry.request.timeout.ms' must be a number of milliseconds",
  );
});

test("options that go", () => {
  expect(
    problemOf({
      url: "http://me:a%40b@one:8081/base/, http://two",
      subject: "s",
      "properties.schema.registry.request.timeout.ms": "10",
    }),
  ).toEqual({
    subject: "s",
    schema: undefined,
    registry: {
      urls: ["http://one:8081/base", "http://two"],
      authorization: `Basic ${Buffer.from("me:a@b").toString("base64")}`,
      tls: undefined,
      timeoutMillis: 10,
    },
  });
});

test("stores that are no PEM and no PKCS12 say how to convert them", () => {
  const url = "https://localhost";
  const jks = file("store.jks", Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2));
  expect(problemOf({ url, "ssl.keystore.location": jks })).toBe(
    `UNSUPPORTED the file of 'avro-confluent.ssl.keystore.location' is a Java keystore (JKS): '${jks}'`,
  );
  const p12 = file("trust.p12", Buffer.from(PKCS12, "base64"));
  expect(problemOf({ url, "ssl.truststore.location": p12 })).toBe(
    `UNSUPPORTED the file of 'avro-confluent.ssl.truststore.location' is PKCS12: '${p12}'`,
  );
  expect(problemOf({ url, "ssl.truststore.location": `${p12}-not` })).toBe(
    `FILE_NOT_FOUND the file of 'avro-confluent.ssl.truststore.location' cannot be read: '${p12}-not'`,
  );
});

test("TLS: the registry's certificate is checked, the client's is sent", async () => {
  const registry = await FakeRegistry.start({
    key: KEY,
    cert: CERTIFICATE,
    ca: CERTIFICATE,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const write = (options: Readonly<Record<string, string>>): Promise<unknown> =>
    encodeMessages(avroConfluentFormat, { id: T.int() }, [[1]], { url: registry.url, subject: "s", ...options });
  try {
    const trust = { "ssl.truststore.location": file("ca.pem", CERTIFICATE) };
    const pem = file("client.pem", KEY + CERTIFICATE);
    const p12 = file("client.p12", Buffer.from(PKCS12, "base64"));
    await write({ ...trust, "ssl.keystore.location": pem });
    await write({ ...trust, "ssl.keystore.location": p12, "ssl.keystore.password": "secret" });
    await expect(write({ "ssl.keystore.location": pem })).rejects.toMatchObject({
      message: expect.stringMatching(/does not answer: self-signed certificate/) as string,
    });
    await expect(write(trust)).rejects.toMatchObject({ code: "CONNECTOR_UNAVAILABLE" });
    const wrong = await write({
      ...trust,
      "ssl.keystore.location": p12,
      "ssl.keystore.password": "wr0ng",
    }).catch((error: unknown) => error as Error);
    expect(wrong).toMatchObject({ code: "CONNECTOR_UNAVAILABLE" });
    expect((wrong as Error).message).not.toContain("wr0ng");
  } finally {
    await registry.stop();
  }
}, 60_000);

test("a sink needs a subject; a given schema must match the table", () => {
  const url = "http://localhost";
  const fields = [{ name: "id", type: T.int(false) }];
  const encoderOf = (format: typeof avroConfluentFormat, options: Readonly<Record<string, string>>): unknown => {
    try {
      return format.encoder?.({ fields, options: { url, ...options }, timeZone: "UTC" });
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };
  expect(encoderOf(avroConfluentFormat, {})).toBe(
    "OPTION_MISSING Option avro-confluent.subject is required for serialization",
  );
  expect(encoderOf(debeziumAvroConfluentFormat, {})).toBe(
    "OPTION_MISSING Option 'debezium-avro-confluent.subject' is required for serialization",
  );
  const schema = '{"type":"record","name":"A","fields":[{"name":"id","type":"long"}]}';
  expect(encoderOf(avroConfluentFormat, { subject: "s", schema })).toBe(
    `OPTION_INVALID Schema provided for 'avro-confluent' format does not match the table schema: ${schema}`,
  );
  expect(encoderOf(debeziumAvroConfluentFormat, { subject: "s", schema })).toBe(
    `OPTION_INVALID Schema provided for 'debezium-avro-confluent' format must be a nullable record type with fields 'before', 'after', 'op' and schema of fields 'before' and 'after' must match the table schema: ${schema}`,
  );
  expect(encoderOf(avroConfluentFormat, { subject: "s", schema: "{" })).toBe(
    "OPTION_INVALID option 'avro-confluent.schema' is no Avro schema: the schema is not JSON",
  );
});
