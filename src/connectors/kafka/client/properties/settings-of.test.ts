import { describe, expect, test } from "vitest";
import { findProperty, KAFKA_PROPERTIES } from "./names.ts";
import { parseJaas } from "./jaas.ts";
import { propertiesWithoutEffect, settingsOf } from "./settings-of.ts";

const BOOTSTRAP = { "bootstrap.servers": "a:9092" };
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="s3cret";';

function settings(properties: Readonly<Record<string, string>>) {
  return settingsOf({ ...BOOTSTRAP, ...properties }, "/nowhere");
}

function failure(properties: Readonly<Record<string, string>>): {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
} {
  try {
    settingsOf(properties, "/nowhere");
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("nothing was thrown");
}

describe("addresses", () => {
  test.each([
    ["a:1", [{ host: "a", port: 1 }]],
    [
      " a:1 , b.example:9093,",
      [
        { host: "a", port: 1 },
        { host: "b.example", port: 9093 },
      ],
    ],
    ["PLAINTEXT://a:1", [{ host: "a", port: 1 }]],
    ["[::1]:9092", [{ host: "::1", port: 9092 }]],
  ])("%s", (text, expected) => {
    expect(settings({ "bootstrap.servers": text }).bootstrap).toEqual(expected);
  });

  test.each(["a", "a:", "a:0", "a:99999", ":9092", "a:9092 b:9092", "http://a:1/x"])("%s is none", (text) => {
    expect(failure({ "bootstrap.servers": text })).toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining("properties.bootstrap.servers") as string,
    });
  });

  test("they have to be there", () => {
    expect(failure({})).toMatchObject({ code: "OPTION_MISSING" });
    expect(failure({ "bootstrap.servers": " " })).toMatchObject({ code: "OPTION_MISSING" });
  });
});

test("properties can be checked before anything is connected", () => {
  expect(() => settingsOf({ ...BOOTSTRAP, "sasl.mechanism": "PLAIN" }, "/")).not.toThrow();
  expect(() => settingsOf({}, "/")).toThrow("option 'properties.bootstrap.servers' is missing");
});

test("defaults and numbers", () => {
  expect(settings({})).toMatchObject({
    clientId: "millrace",
    tls: undefined,
    sasl: undefined,
    requestTimeoutMillis: 30_000,
  });
  expect(settings({ "request.timeout.ms": "5", "retry.backoff.ms": "7" })).toMatchObject({
    requestTimeoutMillis: 5,
    retry: { backoffMillis: 7 },
  });
  for (const value of ["-1", "1.5", "x", "", "99999999999"]) {
    expect(failure({ ...BOOTSTRAP, "request.timeout.ms": value }).message).toContain("properties.request.timeout.ms");
  }
});

describe("what is accepted, refused, unknown", () => {
  test("what only tunes the Java client is accepted, and said to have no effect", () => {
    const values = {
      ...BOOTSTRAP,
      "max.poll.records": "10",
      "my.own": "x",
      "group.id": "g",
      "metrics.num.samples": "1",
    };
    expect(() => settings(values)).not.toThrow();
    expect(propertiesWithoutEffect(values)).toEqual(["max.poll.records", "my.own", "metrics.num.samples"]);
  });

  test("security that cannot be obeyed is refused by name", () => {
    expect(failure({ ...BOOTSTRAP, "ssl.cipher.suites": "X" })).toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("ssl.cipher.suites") as string,
    });
    expect(failure({ ...BOOTSTRAP, "sasl.kerberos.service.name": "kafka" })).toMatchObject({ code: "UNSUPPORTED" });
    expect(failure({ ...BOOTSTRAP, "interceptor.classes": "x.Y" })).toMatchObject({ code: "UNSUPPORTED" });
  });

  test("an unknown security option is not ignored", () => {
    expect(failure({ ...BOOTSTRAP, "ssl.trustore.location": "x" })).toMatchObject({
      code: "OPTION_UNKNOWN",
      hint: "did you mean 'ssl.truststore.location'?",
    });
  });

  test("every name is declared once, exact ones before their pattern", () => {
    const names = KAFKA_PROPERTIES.map((property) => property.name);
    expect(new Set(names).size).toBe(names.length);
    expect(findProperty("sasl.oauthbearer.scope")?.use).toBe("connection");
    expect(findProperty("sasl.oauthbearer.jwks.endpoint.url")?.use).toBe("refused");
  });
});

describe("logins", () => {
  const sasl = { "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.jaas.config": PLAIN };

  test("PLAIN and SCRAM, also of a shaded class", () => {
    expect(settings(sasl).sasl).toEqual({ mechanism: "PLAIN", username: "me", password: "s3cret" });
    const scram =
      "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required username='u' password=p;";
    expect(settings({ ...sasl, "sasl.mechanism": "SCRAM-SHA-512", "sasl.jaas.config": scram }).sasl).toEqual({
      mechanism: "SCRAM-SHA-512",
      username: "u",
      password: "p",
    });
  });

  test("without SASL in security.protocol nothing of it is used, as in Java", () => {
    expect(settings({ ...sasl, "security.protocol": "PLAINTEXT" }).sasl).toBeUndefined();
  });

  test.each([
    [{ "sasl.mechanism": "GSSAPI" }, "UNSUPPORTED", "GSSAPI"],
    [{ "sasl.mechanism": "AWS_MSK_IAM" }, "UNSUPPORTED", "AWS_MSK_IAM"],
    [{ "sasl.mechanism": "SCRAM-SHA-256" }, "OPTION_CONFLICT", "ScramLoginModule"],
    [{ "sasl.jaas.config": PLAIN.replace("username", "user") }, "OPTION_MISSING", "'username'"],
    [{ "sasl.jaas.config": PLAIN.slice(0, -1) }, "OPTION_INVALID", "semicolon"],
    [{ "sasl.jaas.config": PLAIN.slice(0, -2) }, "OPTION_INVALID", "quote"],
    [{ "sasl.jaas.config": "" }, "OPTION_MISSING", "sasl.jaas.config"],
    [{ "security.protocol": "SASL" }, "OPTION_INVALID", "security.protocol"],
  ])("%o: %s", (change, code, says) => {
    const error = failure({ ...BOOTSTRAP, ...sasl, ...change });
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) as string });
    expect(`${error.message} ${error.hint}`).not.toContain("s3cret");
  });

  test("the form of sasl.jaas.config: quotes, escapes, flags", () => {
    expect(parseJaas(`a.B required\n  x="1 \\" 2"  y='c;d=e' z=plain ;`)).toEqual({
      module: "B",
      options: new Map([
        ["x", '1 " 2'],
        ["y", "c;d=e"],
        ["z", "plain"],
      ]),
    });
    expect(() => parseJaas("a.B required x=1; c.D required y=2;")).toThrow("one login module");
    expect(() => parseJaas("a.B x=1;")).toThrow("required");
  });

  test("OAUTHBEARER needs an endpoint; Kafka's unsecured form is there for development", async () => {
    const bearer = {
      ...sasl,
      "sasl.mechanism": "OAUTHBEARER",
      "sasl.jaas.config": "x.OAuthBearerLoginModule required clientId='a' clientSecret='s3cret';",
    };
    expect(failure({ ...BOOTSTRAP, ...bearer })).toMatchObject({ code: "OPTION_MISSING" });
    expect(failure({ ...BOOTSTRAP, ...bearer, "sasl.oauthbearer.token.endpoint.url": "ftp://x" })).toMatchObject({
      code: "OPTION_INVALID",
    });
    const handler = { "sasl.login.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler" };
    expect(failure({ ...BOOTSTRAP, ...bearer, ...handler })).toMatchObject({ code: "UNSUPPORTED" });
    const unsecured = settings({
      ...bearer,
      "sasl.jaas.config": 'x.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="me";',
    });
    const token = unsecured.sasl?.mechanism === "OAUTHBEARER" ? await unsecured.sasl.token() : undefined;
    const claims = JSON.parse(Buffer.from(token?.value.split(".")[1] ?? "", "base64url").toString()) as {
      readonly sub: string;
    };
    expect(claims.sub).toBe("me");
  });
});

describe("TLS", () => {
  const ssl = { ...BOOTSTRAP, "security.protocol": "SSL" };

  test("a missing file, and text that is no PEM, are told by option", () => {
    expect(failure({ ...ssl, "ssl.truststore.location": "no.pem", "ssl.truststore.type": "PEM" })).toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("properties.ssl.truststore.location") as string,
    });
    expect(failure({ ...ssl, "ssl.truststore.certificates": "hello" })).toMatchObject({ code: "OPTION_INVALID" });
    expect(
      failure({ ...ssl, "ssl.keystore.key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----" }),
    ).toMatchObject({ code: "OPTION_MISSING" });
  });

  test("versions of TLS, and a host name that is not checked", () => {
    expect(settings({ ...ssl, "ssl.enabled.protocols": "TLSv1.3" }).tls).toMatchObject({
      minVersion: "TLSv1.3",
      maxVersion: "TLSv1.3",
    });
    expect(settings({ ...ssl, "ssl.protocol": "TLSv1.2" }).tls).toMatchObject({ maxVersion: "TLSv1.2" });
    expect(failure({ ...ssl, "ssl.enabled.protocols": "TLSv1" })).toMatchObject({ code: "OPTION_INVALID" });
    expect(settings(ssl).tls?.checkServerIdentity).toBeUndefined();
    expect(settings({ ...ssl, "ssl.endpoint.identification.algorithm": "" }).tls?.checkServerIdentity).toBeDefined();
  });
});
