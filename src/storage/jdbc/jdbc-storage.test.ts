import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { CuttingProxy, type Cut } from "../../../scripts/sql-servers/cutting-proxy.ts";
import { describeDatabases } from "../../../scripts/sql-servers/for-tests.ts";
import type { SqlServer } from "../../../scripts/sql-servers/server.ts";
import { below, namesOf, noise, storageConformance, text, whole, wordsOf } from "../byte-storage.test-helper.ts";
import { JdbcStorage } from "./jdbc-storage.ts";
import { loadDriver } from "./load-driver.ts";
import { jdbcLocation, jdbcSettings } from "./settings.ts";

let count = 0;
const opened: JdbcStorage[] = [];
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
});

function storageAt(url: string, options: ReadonlyMap<string, string>, table = "objects"): JdbcStorage {
  const storage = new JdbcStorage(jdbcSettings(jdbcLocation(url), options, {}), table);
  opened.push(storage);
  return storage;
}

const storageOf = (server: SqlServer, port = server.port): JdbcStorage =>
  storageAt(server.url("", port), server.options().set("jdbc.connection.timeout", "5 s"));

describeDatabases("jdbc: what every storage does", (server) => {
  storageConformance(() => below(storageOf(server()), `t${count++}`));

  test("many objects are listed page by page, folders by their names", async () => {
    const storage = below(storageOf(server()), "lists");
    const names = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    for (let at = 0; at < names.length; at += 100)
      await Promise.all(names.slice(at, at + 100).map(async (name) => storage.put(name, text(name))));
    await storage.put("more", text("x"));
    expect(await namesOf(storage, "many/")).toEqual(names);
    expect(await storage.children("many")).toHaveLength(1100);
    expect(await storage.children("")).toEqual(["many/", "more"]);
  });

  test("a name that is longer than the database takes is refused", async () => {
    await expect(storageOf(server()).put("x".repeat(1025), text("x"))).rejects.toMatchObject({ code: "IO" });
  });

  test("several make the tables at once", async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, async (_, i) =>
        storageAt(server().url(), server().options(), "fresh").create(`n${i}`, text("x")),
      ),
    );
    expect(made.filter((version) => version !== undefined)).toHaveLength(6);
  });

  test.each(["required", "verify"])("TLS: %s", async (tls) => {
    const options = server().options().set("jdbc.tls", tls).set("jdbc.tls.ca", join(server().folder, "server.crt"));
    const storage = storageAt(server().url().replace("127.0.0.1", "localhost"), options);
    await storage.put(`tls-${tls}`, text("hidden on its way"));
    expect(wordsOf((await storage.read(`tls-${tls}`))?.bytes)).toBe("hidden on its way");
  });

  test("TLS: a certificate of nobody is refused", async () => {
    const options = server().options().set("jdbc.tls", "verify").set("jdbc.attempts.maximum", "1");
    await expect(storageAt(server().url(), options).read("x")).rejects.toThrow(/certificate/);
  });

  test("a wrong password, an unknown database, a wrong table: said without secrets", async () => {
    const wrong = server().options().set("jdbc.password", "not-this-one");
    const denied = storageAt(server().url(), wrong).read("x");
    await expect(denied).rejects.toMatchObject({
      code: "IO",
      message: expect.stringContaining("refuses the user 'flink'"),
    });
    await expect(denied).rejects.not.toThrow(/not-this-one/);
    const url = server()
      .url()
      .replace(/flink$/, "nowhere");
    await expect(storageAt(url, server().options()).read("x")).rejects.toMatchObject({
      code: "IO",
      // A user without rights on it hears as little from MariaDB.
      message: expect.stringContaining("nowhere"),
    });
  });
});

describeDatabases("jdbc: a server that fails", (server) => {
  let proxy: CuttingProxy | undefined;
  afterEach(async () => proxy?.stop());

  const behind = async (cutOf: (sent: Buffer) => Cut): Promise<JdbcStorage> => {
    proxy = await CuttingProxy.start(server().port, cutOf);
    return storageOf(server(), proxy.port);
  };

  test.each(["before", "lost"] as const)("the connection breaks at every COMMIT's first attempt: %s", async (cut) => {
    let commits = 0;
    const storage = await behind((sent) =>
      /COMMIT(?!TED)/.test(sent.toString("latin1")) && commits++ % 2 === 0 ? cut : "pass",
    );
    const name = `commit-${cut}`;
    const version = await storage.create(name, text("first"));
    expect(version).toEqual(expect.any(String));
    expect(await storage.create(name, text("second"))).toBeUndefined();
    const next = await storage.replace(name, text("third"), version!);
    expect(next).toEqual(expect.any(String));
    expect(await storage.replace(name, text("fourth"), version!)).toBeUndefined();
    expect(wordsOf((await storage.read(name))?.bytes)).toBe("third");
    await storage.put(name, text("fifth"));
    expect(wordsOf((await storage.read(name))?.bytes)).toBe("fifth");
    const bytes = noise(6 << 20);
    const big = await storage.create(`${name}-big`, bytes);
    expect(big).toEqual(expect.any(String));
    expect(await storage.create(`${name}-big`, bytes)).toBeUndefined();
    expect(Buffer.compare(await whole(storage, `${name}-big`), bytes)).toBe(0);
    await storage.remove(name);
    expect(await storage.read(name)).toBeUndefined();
    expect(proxy!.cuts).toBeGreaterThan(15);
  });

  test("idle connections that were broken are not used again", async () => {
    const storage = await behind(() => "pass");
    await storage.put("idle", text("x"));
    proxy!.cutAll();
    expect(wordsOf((await storage.read("idle"))?.bytes)).toBe("x");
  });

  test("the server is killed while much is written, and comes back", { timeout: 120_000 }, async () => {
    const storage = storageOf(server());
    const bytes = noise(12 << 20);
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 1 << 20) {
        if (at === 5 << 20) {
          await server().kill();
          setTimeout(() => void server().restart(), 500);
        }
        yield bytes.subarray(at, at + (1 << 20));
      }
    };
    expect(await storage.create("killed", slowly())).toEqual(expect.any(String));
    expect(Buffer.compare(await whole(storage, "killed"), bytes)).toBe(0);
  });

  test("a server that stays away: an error after the last attempt, without secrets", async () => {
    const silent = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { readonly port: number };
    const options = server().options().set("jdbc.attempts.maximum", "3");
    const failed = storageAt(server().url("", port), options).read("x");
    await expect(failed).rejects.toMatchObject({ code: "IO", retryable: true });
    await expect(failed).rejects.toThrow(/^reading x in jdbc:\w+:\/\/127\.0\.0\.1:\d+\/flink: .*, 3 times$/);
    silent.close();
  });
});

test("a driver that is not there is named, with the line that installs it", async () => {
  const missing = loadDriver("mysql2/promise", async () => {
    throw Object.assign(new Error("Cannot find package 'mysql2'"), { code: "ERR_MODULE_NOT_FOUND" });
  });
  await expect(missing).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: "'jdbc:' needs the package mysql2, which is not installed or does not load",
    hint: "run 'npm install mysql2@^3.24.6'",
  });
});
