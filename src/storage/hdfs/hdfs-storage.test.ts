import { afterEach, expect, test } from "vitest";
import { FaultProxy, type Fault } from "../../../scripts/fault-proxy.ts";
import { describeHdfs } from "../../../scripts/hdfs-server/for-tests.ts";
import { removeFolder, type ByteStorage } from "../byte-storage.ts";
import {
  below,
  countTogether,
  namesOf,
  noise,
  storageConformance,
  text,
  whole,
  wordsOf,
} from "../byte-storage.test-helper.ts";
import { HdfsStorage } from "./hdfs-storage.ts";
import { hdfsSettings } from "./settings.ts";

describeHdfs("HDFS", (server) => {
  let proxy: FaultProxy | undefined;
  afterEach(async () => proxy?.stop());
  let count = 0;
  const storageAt = (folder: string, options = server().options()): ByteStorage =>
    below(new HdfsStorage(hdfsSettings(server().location(folder), options, {})), folder);
  const fresh = (): ByteStorage => storageAt(`t${count++}`);

  type Faults = (count: number, method: string, path: string) => Fault;
  /** A server that fails, and a storage in a folder of its own on it. */
  const behind = async (faultOf: Faults, folder = `faults${count++}`, attempts = 10): Promise<ByteStorage> => {
    proxy = await FaultProxy.start(server().port, faultOf);
    const options = server().options(proxy.endpoint).set("dfs.webhdfs.socket.read-timeout", "1 s");
    return storageAt(folder, options.set("dfs.http.client.retry.max.attempts", String(attempts)));
  };
  /** Everything in a folder, what the storage keeps to itself included. */
  const filesIn = async (folder: string): Promise<string[]> => {
    const url = `${server().endpoint}/webhdfs/v1/${folder}?op=LISTSTATUS&user.name=flink`;
    const { FileStatuses: found } = (await (await fetch(url)).json()) as {
      readonly FileStatuses: { readonly FileStatus: readonly { readonly pathSuffix: string }[] };
    };
    return found.FileStatus.map(({ pathSuffix }) => pathSuffix);
  };

  storageConformance(fresh);

  test("many small objects are listed page by page, in the order of their paths", async () => {
    const storage = fresh();
    const names = Array.from({ length: 35 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    names.splice(30, 0, "many/0029/x", "many/0029/y");
    names.splice(names.indexOf("many/0029"), 1, "many/0029.a");
    for (let at = 0; at < names.length; at += 20)
      await Promise.all(names.slice(at, at + 20).map(async (name) => storage.create(name, text(name))));
    expect(await namesOf(storage, "many/")).toEqual(names.toSorted());
    expect(await storage.children("many")).toHaveLength(36);
    await removeFolder(storage, "many");
    expect(await storage.children("")).toEqual([]);
  });

  test("nothing of its own stays, and no empty folder", async () => {
    const storage = storageAt("own");
    const version = await storage.create("a/b/c", text("1"));
    expect(await storage.create("a/b/c", text("2"))).toBeUndefined();
    const next = await storage.replace("a/b/c", text("3"), version!);
    await Promise.all([1, 2, 3].map(async (i) => storage.replace("a/b/c", text(`racer ${i}`), next!)));
    await storage.put("a/b/c", text("4"));
    await storage.put("a/d", text("5"));
    expect(await filesIn("own/a/b")).toEqual(["c"]);
    await storage.remove("a/b/c");
    expect(await filesIn("own/a")).toEqual(["d"]);
    await storage.remove("a/d");
    expect(await filesIn("own")).toEqual([]);
  });

  test("writers that die in the middle of a replacement: the others finish it, and go on", async () => {
    const folder = `dying${count++}`;
    // Renaming to the object's place, after the name has been taken.
    const storage = await behind(
      (_, method, path) => (method === "PUT" && path.includes(".inodes") && path.includes("RENAME") ? "reset" : "pass"),
      folder,
      2,
    );
    const calm = storageAt(folder);
    const first = await calm.create("lock", text("0"));
    await expect(storage.replace("lock", text("dead"), first!)).rejects.toMatchObject({ code: "IO", retryable: true });
    expect(wordsOf((await calm.read("lock"))?.bytes)).toBe("0");
    expect(await calm.replace("lock", text("late"), first!)).toBeUndefined();
    const found = await calm.read("lock");
    expect(wordsOf(found?.bytes)).toBe("dead");
    expect(await calm.replace("lock", text("next"), found!.version)).toEqual(expect.any(String));
    await calm.put("lock", text("put"));
    expect(wordsOf((await calm.read("lock"))?.bytes)).toBe("put");
    expect(await filesIn(folder)).toEqual(["lock"]);
  }, 120_000);

  test("a writer that wakes up late overwrites nothing", async () => {
    const folder = `late${count++}`;
    const calm = storageAt(folder);
    const first = (await calm.create("lock", text("0")))!;
    const awake: { meanwhile: (() => Promise<void>) | undefined; what: RegExp } = { meanwhile: undefined, what: /$^/ };
    proxy = await FaultProxy.start(
      server().port,
      () => "pass",
      async (path) => {
        const { meanwhile } = awake;
        if (meanwhile === undefined || !awake.what.test(path)) return;
        awake.meanwhile = undefined;
        await meanwhile();
      },
    );
    const sleepy = storageAt(folder, server().options(proxy.endpoint));
    // It has the name, and sleeps before it brings its file to the object's place; another does it, and goes on.
    awake.what = /inodes.*RENAME/;
    awake.meanwhile = async () => {
      expect(await calm.replace("lock", text("x"), first)).toBeUndefined();
      expect(await calm.replace("lock", text("2"), (await calm.read("lock"))!.version)).toEqual(expect.any(String));
    };
    expect(await sleepy.replace("lock", text("1"), first)).toEqual(expect.any(String));
    expect(wordsOf((await calm.read("lock"))?.bytes)).toBe("2");
    // It sleeps before it takes the name, which is free again when it wakes up.
    const second = (await calm.read("lock"))!.version;
    awake.what = /RENAME.*next/;
    awake.meanwhile = async () => {
      const third = await calm.replace("lock", text("3"), second);
      expect(await calm.replace("lock", text("4"), third!)).toEqual(expect.any(String));
    };
    expect(await sleepy.replace("lock", text("late"), second)).toBeUndefined();
    expect(wordsOf((await calm.read("lock"))?.bytes)).toBe("4");
    await calm.put("lock", text("5"));
    expect(await calm.replace("lock", text("6"), second)).toBeUndefined();
    expect(wordsOf((await calm.read("lock"))?.bytes)).toBe("5");
    expect(await calm.children("")).toEqual(["lock"]);
  });

  test("readers of an object that is replaced all the time see one contents or the other", async () => {
    const storage = fresh();
    await storage.put("hot", text("0".repeat(1000)));
    let writing = true;
    const writer = (async () => {
      for (let i = 1; i <= 25; i++) await storage.put("hot", text(String(i % 10).repeat(1000 + i)));
      writing = false;
    })();
    const reader = storageAt(`t${count - 1}`);
    let reads = 0;
    while (writing) {
      const words = wordsOf((await reader.read("hot"))?.bytes);
      expect(words).toMatch(/^(\d)\1+$/);
      reads += 1;
    }
    await writer;
    expect(reads).toBeGreaterThan(0);
  });

  test.each(["error", "reset", "lost", "half"] as const)(
    "every third request: %s",
    async (fault) => {
      const storage = await behind((n) => (n % 3 === 1 ? fault : "pass"));
      await goThrough(storage);
    },
    120_000,
  );

  test.each(["lost", "reset"] as const)(
    "each request in turn: %s",
    async (fault) => {
      let failing = 0;
      const storage = await behind((n) => (n === failing ? fault : "pass"));
      for (let nth = 1; nth <= 20; nth++) {
        const path = `turn/${nth}`;
        failing = proxy!.requests + nth;
        const version = await storage.create(path, text("1"));
        const next = await storage.replace(path, text("2"), version ?? "");
        await storage.put(path, text("3"));
        expect([nth, version, next]).toEqual([nth, expect.any(String), expect.any(String)]);
        expect(wordsOf((await storage.read(path))?.bytes)).toBe("3");
        expect(proxy!.requests).toBeGreaterThan(failing);
      }
      expect(await storage.children("turn")).toHaveLength(20);
    },
    120_000,
  );

  test("a counter that several raise loses nothing", async () => {
    expect(await countTogether(fresh(), 5, 6)).toBe("30");
  });

  test("a counter that several raise over a bad line loses nothing", async () => {
    const faults = ["lost", "reset", "error", "half"] as const;
    const storage = await behind((n) => (n % 7 === 3 ? faults[n % 4]! : "pass"));
    expect(await countTogether(storage, 5, 6)).toBe("30");
  }, 120_000);

  test("some requests: silence", async () => {
    const storage = await behind((n) => (n % 5 === 2 ? "silent" : "pass"));
    await goThrough(storage);
  }, 120_000);

  const goThrough = async (storage: ByteStorage): Promise<void> => {
    const version = await storage.create("f/odd", text("first"));
    expect(version).toEqual(expect.any(String));
    expect(await storage.create("f/odd", text("second"))).toBeUndefined();
    const next = await storage.replace("f/odd", text("third"), version!);
    expect(next).toEqual(expect.any(String));
    expect(await storage.replace("f/odd", text("fourth"), version!)).toBeUndefined();
    expect(wordsOf((await storage.read("f/odd"))?.bytes)).toBe("third");
    expect(await storage.children("f")).toEqual(["odd"]);
    await storage.remove("f/odd");
    expect(await storage.read("f/odd")).toBeUndefined();
  };

  test.each(["error", "reset", "lost", "half"] as const)(
    "a big object, every third request: %s",
    async (fault) => {
      const storage = await behind((n) => (n % 3 === 0 ? fault : "pass"));
      const bytes = noise(17 << 20);
      const pieces = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
      };
      expect(await storage.create("big", pieces())).toEqual(expect.any(String));
      expect(Buffer.compare(await whole(storage, "big"), bytes)).toBe(0);
    },
    120_000,
  );

  test("a server that stays away: an error after the last attempt", async () => {
    proxy = await FaultProxy.start(server().port, () => "reset");
    const options = server().options(proxy.endpoint).set("dfs.http.client.retry.max.attempts", "3");
    const failed = storageAt("x", options).read("y");
    await expect(failed).rejects.toMatchObject({ code: "IO", retryable: true });
    await expect(failed).rejects.toThrow(/^GETFILESTATUS hdfs:\/\/127.0.0.1:\d+\/x\/y: namenode .*, 3 times$/);
    expect(proxy.requests).toBe(3);
  });

  test("a namenode that is gone, and its standby", async () => {
    const options = server().options(`127.0.0.1:1,127.0.0.1:${server().port}`);
    const storage = storageAt(`ha${count++}`, options);
    expect(await storage.create("x", text("1"))).toEqual(expect.any(String));
    expect(wordsOf((await storage.read("x"))?.bytes)).toBe("1");
  });

  test("safe mode is waited for", async () => {
    const storage = fresh();
    await storage.put("x", text("1"));
    await server().setSafeMode(true);
    const written = storage.create("y", text("2"));
    expect(wordsOf((await storage.read("x"))?.bytes)).toBe("1");
    await server().setSafeMode(false);
    expect(await written).toEqual(expect.any(String));
  }, 60_000);

  test("what the server does not allow is said, with what to do", async () => {
    const url = `${server().endpoint}/webhdfs/v1/private?op=MKDIRS&permission=700&user.name=somebody`;
    await fetch(url, { method: "PUT" });
    const failed = storageAt("private").put("x", text("1"));
    await expect(failed).rejects.toMatchObject({
      code: "IO",
      retryable: false,
      message: expect.stringMatching(
        /^GETFILESTATUS hdfs:.*\/private\/x: the server answers 403 AccessControlException: Permission denied: user=flink/,
      ),
      hint: expect.stringContaining("hadoop.user.name"),
    });
  });

  test("the RPC port in the place of the HTTP port", async () => {
    const options = server().options(`127.0.0.1:${server().rpcPort}`);
    await expect(storageAt("x", options).read("y")).rejects.toMatchObject({
      code: "IO",
      hint: expect.stringContaining("port 9870"),
    });
  });

  test("a delegation token stands in for the user", async () => {
    const paths: string[] = [];
    proxy = await FaultProxy.start(server().port, (_, _method, path) => {
      paths.push(path);
      return "reset";
    });
    const options = server()
      .options(proxy.endpoint)
      .set("hadoop.tokens", "bm90LWE")
      .set("dfs.http.client.retry.max.attempts", "2");
    const failed = storageAt("x", options).read("y");
    await expect(failed).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining("bm90LWE") }));
    expect(paths[0]).toBe("/webhdfs/v1/x/y?op=GETFILESTATUS&delegation=bm90LWE");
  });

  test("data is on the datanode's disk when it is answered", async () => {
    await fresh().create("x", text("1"));
    // The server's numbers are some seconds old.
    await expect.poll(async () => server().syncs(), { timeout: 25_000 }).toBeGreaterThan(0);
  });

  test("killed and started again", async () => {
    const storage = fresh();
    await storage.put("before", text("1"));
    await server().kill();
    const written = storage.create("during", text("2"));
    await server().restart();
    expect(await written).toEqual(expect.any(String));
    expect(wordsOf((await storage.read("before"))?.bytes)).toBe("1");
  }, 120_000);
});
