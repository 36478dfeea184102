import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeRegistry } from "../../../scripts/schema-registry/for-tests.ts";
import { T } from "../../types/data-type.ts";
import { encodeMessages } from "./confluent-messages.test-helper.ts";
import { FakeRegistry } from "./fake-registry.test-helper.ts";
import { avroConfluentFormat } from "./format.ts";
import { SchemaRegistry } from "./registry.ts";
import { registrySuite } from "./registry-suite.test-helper.ts";

describe("a registry in this process", () => {
  let registry: FakeRegistry;
  beforeAll(async () => {
    registry = await FakeRegistry.start();
    return () => registry.stop();
  });
  registrySuite(() => registry.url);
});

describeRegistry("Apicurio's registry", (url) => {
  registrySuite(url);

  test("a schema that does not fit the subject's compatibility is refused with its reason", async () => {
    await fetch(`${url()}/config/closed-value`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ compatibility: "BACKWARD" }),
    });
    const options = { url: url(), subject: "closed-value" };
    await encodeMessages(avroConfluentFormat, { id: T.int(false) }, [[1]], options);
    await expect(
      encodeMessages(avroConfluentFormat, { id: T.int(false), more: T.string(false) }, [[1, "x"]], options),
    ).rejects.toMatchObject({
      code: "SINK_MISMATCH",
      message: expect.stringMatching(
        /^Could not register schema in registry: http:\/\/127.* does not take the schema for subject 'closed-value': .+/,
      ) as string,
    });
  });
});

describe("what can go wrong", () => {
  let registry: FakeRegistry;
  const SCHEMA = '{"type":"record","name":"A","fields":[]}';
  const client = (urls = [registry.url], timeoutMillis = 5000, authorization?: string): SchemaRegistry =>
    new SchemaRegistry({ urls, authorization, tls: undefined, timeoutMillis }, [1, 1]);
  beforeAll(async () => {
    registry = await FakeRegistry.start();
    await client().register("a", SCHEMA);
  });
  afterAll(() => registry.stop());

  test("it is asked again, and an id once however many want it", async () => {
    registry.misbehave.push("500", "reset");
    registry.requests.length = 0;
    const one = client();
    const found = await Promise.all([one.schemaOf(1), one.schemaOf(1), one.schemaOf(1)]);
    expect(found[0]).toHaveProperty("schema");
    expect(await one.schemaOf(1)).toBe(found[2]);
    expect(registry.requests).toEqual(Array.from({ length: 3 }, () => "GET /schemas/ids/1"));
  });

  test("a registry that stays away is a failure that a restart may cure", async () => {
    registry.misbehave.push("429", "500", "500");
    const one = client();
    await expect(one.schemaOf(1)).rejects.toMatchObject({
      code: "CONNECTOR_UNAVAILABLE",
      retryable: true,
      message: `the schema registry ${registry.url} does not answer: HTTP 500: not now`,
    });
    // The failure is not kept.
    expect(await one.schemaOf(1)).toHaveProperty("schema");
    registry.misbehave.push("hang", "hang", "hang");
    await expect(client([registry.url], 20).schemaOf(1)).rejects.toMatchObject({
      message: `the schema registry ${registry.url} does not answer: no answer within 20 ms`,
    });
    registry.misbehave.push("huge", "huge", "huge");
    await expect(client().schemaOf(1)).rejects.toMatchObject({
      message: `the schema registry ${registry.url} does not answer: the answer is too large`,
    });
  });

  test("the next URL is asked when one is away", async () => {
    expect(await client(["http://127.0.0.1:1", registry.url]).schemaOf(1)).toHaveProperty("schema");
    await expect(client(["http://127.0.0.1:1"]).schemaOf(1)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the schema registry http:\/\/127.0.0.1:1 does not answer: .*ECONNREFUSED/,
      ) as string,
    });
  });

  test("what is no registry says so; an incompatible schema names its subject", async () => {
    registry.misbehave.push("page");
    await expect(client().schemaOf(1)).rejects.toMatchObject({
      code: "CONNECTOR_UNAVAILABLE",
      retryable: false,
      message: `the schema with id 1: the schema registry ${registry.url} says HTTP 404: <html>no such page</html>`,
      hint: "is this the URL of the registry's REST interface?",
    });
    registry.closed.add("b");
    await expect(client().register("b", SCHEMA)).rejects.toMatchObject({
      code: "SINK_MISMATCH",
      message: `Could not register schema in registry: ${registry.url} does not take the schema for subject 'b': Schema being registered is incompatible`,
    });
  });

  test("credentials are sent, and are in no message", async () => {
    registry.authorization = `Basic ${Buffer.from("me:s3cret").toString("base64")}`;
    const columns = { id: T.int() };
    const subject = "auth";
    const info = { "basic-auth.credentials-source": "USER_INFO", "basic-auth.user-info": "me:s3cret" };
    const inUrl = registry.url.replace("http://", "http://me:s3cret@");
    await encodeMessages(avroConfluentFormat, columns, [[1]], { url: registry.url, subject, ...info });
    await encodeMessages(avroConfluentFormat, columns, [[1]], { url: inUrl, subject });
    await encodeMessages(avroConfluentFormat, columns, [[1]], {
      "schema-registry.url": registry.url,
      "schema-registry.subject": subject,
      "properties.basic.auth.credentials.source": "USER_INFO",
      "properties.basic.auth.user.info": "me:s3cret",
    });
    const wrong = { ...info, "basic-auth.user-info": "me:s3cret-not" };
    const failed = await encodeMessages(avroConfluentFormat, columns, [[1]], { url: inUrl, subject, ...wrong }).catch(
      (error: unknown) => error as Error & { hint: string },
    );
    expect(failed).toMatchObject({
      code: "CONNECTOR_UNAVAILABLE",
      message: `registering a schema for subject 'auth': the schema registry ${registry.url} says HTTP 401: Unauthorized`,
      hint: "see the options basic-auth.* and bearer-auth.*",
    });
    registry.authorization = "Bearer t0ken";
    await encodeMessages(avroConfluentFormat, columns, [[1]], {
      url: registry.url,
      subject,
      "bearer-auth.credentials-source": "STATIC_TOKEN",
      "bearer-auth.token": "t0ken",
    });
    registry.authorization = undefined;
  });
});
