import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy, type Fault } from "../../../scripts/fault-proxy.ts";
import { describeS3 } from "../../../scripts/s3-server/for-tests.ts";
import { below, namesOf, noise, storageConformance, text, whole, wordsOf } from "../byte-storage.test-helper.ts";
import { S3Storage } from "./s3-storage.ts";
import { s3Settings } from "./settings.ts";

let count = 0;

describeS3("S3: what every storage does", ["bucket"], (server) => {
  storageConformance(() => below(new S3Storage(s3Settings("bucket", server().options(), {})), `t${count++}`));

  test("many small objects are listed page by page", async () => {
    const storage = new S3Storage(s3Settings("bucket", server().options(), {}));
    const names = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map(async (name) => storage.put(name, text(name))));
    expect(await namesOf(storage, "many/")).toEqual(names);
    expect(await storage.children("many")).toHaveLength(1100);
  });
});

describeS3("S3: a server that fails", ["bucket"], (server) => {
  let proxy: FaultProxy | undefined;
  afterEach(async () => proxy?.stop());

  const behind = async (faultOf: (count: number, method: string, path: string) => Fault): Promise<S3Storage> => {
    proxy = await FaultProxy.start(server().port, faultOf);
    const options = server().options(proxy.endpoint);
    options.set("s3.connection.timeout", "1 s");
    return new S3Storage(s3Settings("bucket", options, {}));
  };

  test.each(["error", "reset", "lost", "silent", "half"] as const)("every other request: %s", async (fault) => {
    const storage = await behind((n) => (n % 2 === 1 ? fault : "pass"));
    const name = `odd-${fault}`;
    const version = await storage.create(name, text("first"));
    expect(version).toEqual(expect.any(String));
    expect(await storage.create(name, text("second"))).toBeUndefined();
    const next = await storage.replace(name, text("third"), version!);
    expect(next).toEqual(expect.any(String));
    expect(await storage.replace(name, text("fourth"), version!)).toBeUndefined();
    expect(wordsOf((await storage.read(name))?.bytes)).toBe("third");
    expect(await storage.children("")).toContain(name);
    await storage.remove(name);
    expect(await storage.read(name)).toBeUndefined();
  });

  test.each(["error", "reset", "lost", "half"] as const)("a big object, every third request: %s", async (fault) => {
    const storage = await behind((n) => (n % 3 === 0 ? fault : "pass"));
    const bytes = noise(17 << 20);
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
    };
    expect(await storage.create(`big-${fault}`, pieces())).toEqual(expect.any(String));
    expect(Buffer.compare(await whole(storage, `big-${fault}`), bytes)).toBe(0);
  });

  test("an answer to the completion of an upload that is lost", async () => {
    let completions = 0;
    const storage = await behind((_, method, path) =>
      method === "POST" && path.includes("uploadId") && completions++ === 0 ? "lost" : "pass",
    );
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      yield noise(9 << 20);
    };
    expect(await storage.create("lost-complete", pieces())).toEqual(expect.any(String));
    expect(completions).toBe(2);
    expect(await storage.create("lost-complete", pieces())).toBeUndefined();
  });

  test("a server that stays away: an error after the last attempt, without secrets", async () => {
    proxy = await FaultProxy.start(server().port, () => "reset");
    const options = server().options(proxy.endpoint).set("s3.attempts.maximum", "3");
    const storage = new S3Storage(s3Settings("bucket", options, {}));
    const failed = storage.read("x");
    await expect(failed).rejects.toMatchObject({ code: "IO", retryable: true });
    await expect(failed).rejects.toThrow(/^GET s3:\/\/bucket\/x: .*, 3 times$/);
    expect(proxy.requests).toBe(3);
  });

  test("killed and started again", async () => {
    const storage = new S3Storage(s3Settings("bucket", server().options(), {}));
    await storage.put("before", text("1"));
    await server().kill();
    const written = storage.create("during", text("2"));
    await server().restart();
    expect(await written).toEqual(expect.any(String));
    expect(wordsOf((await storage.read("before"))?.bytes)).toBe("1");
  });
});

describeS3("S3: wrong settings", ["bucket"], (server) => {
  const failure = async (bucket: string, key: string, value: string): Promise<unknown> =>
    new S3Storage(s3Settings(bucket, server().options().set(key, value), {})).put("x", text("1")).then(
      () => undefined,
      (error: unknown) => error,
    );

  test.each([
    ["a wrong secret", "bucket", "s3.secret-key", "not-the-secret", /SignatureDoesNotMatch$/],
    ["an unknown user", "bucket", "s3.access-key", "nobody", /answers 40[34] \w*(User|AccessKey)\w*$/],
    ["no such bucket", "other", "s3.path-style-access", "true", /there is no bucket 'other'$/],
  ])("%s", async (_, bucket, key, value, message) => {
    const error = (await failure(bucket, key, value)) as Error & { readonly hint?: string };
    expect(error).toMatchObject({ code: "IO", retryable: false, hint: expect.any(String) });
    expect(error.message).toMatch(message);
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain("secretkey");
  });
});

describe("settings of S3", () => {
  const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" };

  test("from the environment, options first", () => {
    const settings = s3Settings("b", new Map([["s3.endpoint.region", "eu-west-1"]]), {
      ...keys,
      AWS_SESSION_TOKEN: "t",
      AWS_REGION: "us-west-2",
    });
    expect(settings).toMatchObject({
      accessKey: "id",
      secretKey: "key",
      sessionToken: "t",
      region: "eu-west-1",
      pathStyle: false,
    });
    expect(settings.endpoint.href).toBe("https://s3.eu-west-1.amazonaws.com/");
  });

  test("a session of the environment is not of other keys", () => {
    const options = new Map([
      ["s3.access-key", "mine"],
      ["s3.secret-key", "mine"],
    ]);
    expect(s3Settings("b", options, { ...keys, AWS_SESSION_TOKEN: "t" }).sessionToken).toBeUndefined();
  });

  test("an endpoint of one's own has the bucket in the path", () => {
    expect(s3Settings("b", new Map([["s3.endpoint", "http://localhost:9000"]]), keys).pathStyle).toBe(true);
  });

  test("what is missing or wrong", () => {
    expect(() => s3Settings("b", new Map(), {})).toThrow(expect.objectContaining({ code: "OPTION_MISSING" }));
    expect(() => s3Settings("b", new Map([["s3.endpoint", "http://me:pw@host"]]), keys)).toThrow(
      expect.objectContaining({ code: "OPTION_INVALID", message: expect.not.stringContaining("pw") }),
    );
  });
});
