// TLS and logins against a real broker with such listeners.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { describeOwnKafka, freshName } from "../../../../scripts/kafka-broker/for-tests.ts";
import type { BrokerOptions } from "../../../../scripts/kafka-broker/broker.ts";
import { connectKafka } from "./index.ts";
import { unsecuredToken } from "./properties/oauth.ts";
import { recordBatch } from "./record-batch.test-helper.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-certificates-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => join(folder, name);
const openssl = (...args: string[]): void => {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
};

function makeCertificates(): void {
  for (const authority of ["ca", "other-ca"]) {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${authority}`,
      "-keyout",
      `${authority}.key`,
      "-out",
      `${authority}.pem`,
    );
  }
  writeFileSync(file("names.cnf"), "subjectAltName=IP:127.0.0.1\n");
  for (const name of ["server", "client"]) {
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      "names.cnf",
      "-out",
      `${name}.pem`,
    );
    // Java reads PKCS#8 keys only.
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", `${name}.key`, "-out", `${name}.pk8`);
    writeFileSync(
      file(`${name}-store.pem`),
      readFileSync(file(`${name}.pk8`), "utf8") + readFileSync(file(`${name}.pem`), "utf8"),
    );
  }
  openssl(
    "pkcs12",
    "-export",
    "-inkey",
    "client.key",
    "-in",
    "client.pem",
    "-passout",
    "pass:p12-secret",
    "-out",
    "client.p12",
  );
  openssl(
    "pkcs8",
    "-topk8",
    "-in",
    "client.key",
    "-passout",
    "pass:key-secret",
    "-v2",
    "aes-256-cbc",
    "-out",
    "client-encrypted.pk8",
  );
}

const LOGINS = ["sasl_plaintext", "sasl_ssl"].flatMap((listener) => [
  `listener.name.${listener}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";`,
  `listener.name.${listener}.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
  `listener.name.${listener}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
  `listener.name.${listener}.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
]);

function options(): BrokerOptions {
  makeCertificates();
  return {
    listeners: ["SSL", "SASL_PLAINTEXT", "SASL_SSL"],
    scram: ["SCRAM-SHA-256=[name=bob,password=bob-secret]", "SCRAM-SHA-512=[name=carol,password=carol-secret]"],
    properties: [
      ...LOGINS,
      "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
      // Short sessions, so that connections have to log in again while they are in use.
      "connections.max.reauth.ms=11000",
      "ssl.keystore.type=PEM",
      `ssl.keystore.location=${file("server-store.pem")}`,
      "ssl.truststore.type=PEM",
      `ssl.truststore.location=${file("ca.pem")}`,
      "listener.name.ssl.ssl.client.auth=required",
    ],
  };
}

const login = (module: string, text: string): string => `org.apache.kafka.common.security.${module} required ${text};`;
const PLAIN = login("plain.PlainLoginModule", 'username="alice" password="alice-secret"');
const TRUST = { "ssl.truststore.type": "PEM", "ssl.truststore.location": file("ca.pem") };

describeOwnKafka("Kafka client with TLS and logins", options, (broker) => {
  type Listener = "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  const properties = (listener: Listener, more: Readonly<Record<string, string>>): Record<string, string> => ({
    "bootstrap.servers": broker().bootstrap(listener),
    "security.protocol": listener,
    ...more,
  });

  /** A round trip: control, produce and fetch connections all log in. */
  async function works(given: Readonly<Record<string, string>>): Promise<void> {
    const client = await connectKafka(given, { baseDirectory: folder });
    const topic = freshName("secure");
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    await client.produce([{ topic, partition: 0, records: recordBatch(["hello"]) }]);
    const fetcher = client.fetcher({ isolation: "read_committed" });
    fetcher.assign({ topic, partition: 0 }, 0);
    expect((await fetcher.next())[0]?.nextOffset).toBe(1);
    await client.close();
  }

  const text = (name: string): string => readFileSync(file(name), "utf8");
  const pemFiles = { "ssl.keystore.type": "PEM", "ssl.keystore.location": "client-store.pem" };
  const pkcs12 = {
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.location": "client.p12",
    "ssl.keystore.password": "p12-secret",
  };
  const texts = (key: string, chain: string): Record<string, string> => ({
    "ssl.keystore.key": key,
    "ssl.keystore.certificate.chain": chain,
  });
  const keystores: readonly (readonly [string, () => Record<string, string>])[] = [
    ["PEM files", () => pemFiles],
    ["PEM texts", () => texts(text("client.pk8"), text("client.pem"))],
    [
      "PEM texts on one line",
      () => texts(text("client.pk8").trim().replaceAll("\n", " "), text("client.pem").replaceAll("\n", "\\n")),
    ],
    [
      "an encrypted key",
      () => ({ ...texts(text("client-encrypted.pk8"), text("client.pem")), "ssl.key.password": "key-secret" }),
    ],
    ["PKCS12", () => pkcs12],
  ];

  test.each(keystores)("TLS with a client certificate: %s", async (_, keystore) => {
    await works(properties("SSL", { ...TRUST, ...keystore() }));
  });

  test("certificates as a text", async () => {
    await works(
      properties("SASL_SSL", {
        "ssl.truststore.certificates": readFileSync(file("ca.pem"), "utf8"),
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": PLAIN,
      }),
    );
  });

  test("an authority that is not trusted", async () => {
    const other = {
      ...pemFiles,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": "other-ca.pem",
    };
    await expect(connectKafka(properties("SSL", other), { baseDirectory: folder })).rejects.toMatchObject({
      message: expect.stringContaining("signed by an authority that is not trusted") as string,
      hint: expect.stringContaining("ssl.truststore") as string,
      retryable: false,
    });
  });

  test("a wrong password of key and store does not come into the message", async () => {
    const wrong = { ...TRUST, ...pkcs12, "ssl.keystore.password": "wrong-secret" };
    const error = await connectKafka(properties("SSL", wrong), { baseDirectory: folder }).catch(
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: "OPTION_INVALID" });
    expect(JSON.stringify([(error as Error).message, error])).not.toContain("wrong-secret");
  });

  test("a JKS file is refused with the way to convert it", async () => {
    writeFileSync(file("store.jks"), Buffer.from("feedfeed00000002", "hex"));
    const jks = { ...TRUST, "ssl.keystore.location": "store.jks" };
    await expect(connectKafka(properties("SSL", jks), { baseDirectory: folder })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      hint: expect.stringContaining("keytool -importkeystore") as string,
    });
  });

  const logins: readonly (readonly [string, string, string])[] = [
    ["PLAIN", "PLAIN", PLAIN],
    ["SCRAM-SHA-256", "SCRAM-SHA-256", login("scram.ScramLoginModule", 'username="bob" password="bob-secret"')],
    ["SCRAM-SHA-512", "SCRAM-SHA-512", login("scram.ScramLoginModule", 'username="carol" password="carol-secret"')],
    ["OAUTHBEARER", "OAUTHBEARER", login("oauthbearer.OAuthBearerLoginModule", 'unsecuredLoginStringClaim_sub="dave"')],
  ];

  test.each(logins)("login by %s", async (_, mechanism, jaas) => {
    await works(properties("SASL_PLAINTEXT", { "sasl.mechanism": mechanism, "sasl.jaas.config": jaas }));
    await works(properties("SASL_SSL", { ...TRUST, "sasl.mechanism": mechanism, "sasl.jaas.config": jaas }));
  });

  test.each(logins.slice(0, 3))(
    "a wrong password by %s is told, at once and without the password",
    async (_, mechanism, jaas) => {
      const wrong = properties("SASL_PLAINTEXT", {
        "sasl.mechanism": mechanism,
        "sasl.jaas.config": jaas.replace("-secret", "-wrong"),
      });
      const error = await connectKafka(wrong).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ fault: "AUTHENTICATION_FAILED", retryable: false });
      expect((error as Error).message).toContain(`refused the login by ${mechanism}`);
      expect(JSON.stringify([(error as Error).message, (error as Error).stack])).not.toContain("-wrong");
    },
  );

  test("OAUTHBEARER by client credentials: one token for all connections", async () => {
    const asked: { readonly authorization: string | undefined; readonly body: string }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        asked.push({ authorization: request.headers.authorization, body });
        const good = asked.length < 2;
        response.statusCode = good ? 200 : 401;
        response.end(
          JSON.stringify(
            good
              ? { access_token: unsecuredToken("erin", undefined, 600).value, expires_in: 600 }
              : { error: "invalid_client" },
          ),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const given = properties("SASL_PLAINTEXT", {
      "sasl.mechanism": "OAUTHBEARER",
      "sasl.oauthbearer.token.endpoint.url": url,
      "sasl.jaas.config": login(
        "oauthbearer.OAuthBearerLoginModule",
        'clientId="id" clientSecret="id-secret" scope="kafka"',
      ),
    });
    await works(given);
    expect(asked).toEqual([
      { authorization: `Basic ${btoa("id:id-secret")}`, body: "grant_type=client_credentials&scope=kafka" },
    ]);
    await expect(connectKafka(given)).rejects.toMatchObject({
      fault: "AUTHENTICATION_FAILED",
      message: expect.stringContaining("401, invalid_client") as string,
    });
    server.close();
  });

  test("wrong listeners: TLS on a plain one, nothing on a TLS one, no login where one is due", async () => {
    const plainly = { "bootstrap.servers": broker().bootstrap("SSL"), "request.timeout.ms": "2000" };
    await expect(connectKafka(plainly)).rejects.toMatchObject({
      hint: expect.stringContaining("security.protocol") as string,
    });
    const overTls = { ...TRUST, "bootstrap.servers": broker().bootstrap("PLAINTEXT"), "security.protocol": "SSL" };
    await expect(connectKafka(overTls)).rejects.toMatchObject({
      message: expect.stringContaining("no TLS connection") as string,
      hint: expect.stringContaining("security.protocol") as string,
    });
    const withoutLogin = { "bootstrap.servers": broker().bootstrap("SASL_PLAINTEXT") };
    await expect(connectKafka(withoutLogin)).rejects.toMatchObject({
      hint: expect.stringContaining("expect TLS or a login") as string,
    });
  });

  test("a connection logs in again when its session ends, while it is in use", async () => {
    const client = await connectKafka(
      properties("SASL_PLAINTEXT", { "sasl.mechanism": "PLAIN", "sasl.jaas.config": PLAIN }),
    );
    const topic = freshName("session");
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    const fetcher = client.fetcher({ isolation: "read_committed", maxWaitMillis: 100 });
    fetcher.assign({ topic, partition: 0 }, 0);
    const end = performance.now() + 13_000;
    while (performance.now() < end) {
      expect(await fetcher.next()).toEqual([]);
      await client.offsets([{ topic, partition: 0 }], "latest", "read_committed");
    }
    await client.close();
  });
});
