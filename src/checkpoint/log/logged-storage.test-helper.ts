import { expect, test } from "vitest";
import { SqlError } from "../../base/errors.ts";
import type { ByteStorage, Contents } from "../../storage/byte-storage.ts";
import { thisMachine, type Machine } from "../../storage/machine.ts";
import type { Place } from "../../storage/place.ts";
import { METADATA_FORMAT, type CheckpointMetadata, type StateFile } from "../metadata.ts";
import { PlaceStorage } from "../place-storage.ts";
import type { CheckpointReader, RunStorage } from "../storage.ts";
import { logInfo } from "./log-info.ts";
import { placeLog } from "./log-views.ts";
import { LoggedStorage } from "./logged-storage.ts";
import { fromAnywhere, openSegment } from "./replay.ts";
import { recordName } from "./segment.ts";

const LOCATION = "x://deep";

/** A process whose state is a list of words, as a base and increments. */
class Writer {
  readonly run: RunStorage;
  words: string[] = [];
  #files: readonly StateFile[] = [];
  #id = 0;

  constructor(run: RunStorage, id = 0) {
    this.run = run;
    this.#id = id;
  }

  /** A segment with one more word. */
  async segment(word: string, properties: CheckpointMetadata["properties"] = { plan: "p" }): Promise<void> {
    const writer = this.run.log!.segment(++this.#id);
    const file = await writer.writeFile("state of\nthe operator", pieces(word));
    const files = [...this.#files, file];
    await writer.complete(this.#metadata(files, properties));
    this.#files = files;
    this.words.push(word);
  }

  /** A full checkpoint with one more word; `base`: it holds all of them, else it builds on what is there. */
  async checkpoint(word: string, base: boolean, retained = 1): Promise<void> {
    const words = [...this.words, word];
    const writer = await this.run.begin(++this.#id, "checkpoint");
    const file = await writer.writeFile("state", pieces(base ? words.join(" ") : word));
    const metadata = this.#metadata(base ? [file] : [...this.#files, file], { plan: "p" });
    await writer.complete(metadata);
    this.#files = fromAnywhere(metadata).snapshots[0]!.stateFiles;
    this.words = words;
    await this.run.retain(retained);
  }

  /** The operators of all other files are gone. */
  keep(wanted: (file: StateFile) => boolean): void {
    this.#files = this.#files.filter(wanted);
  }

  #metadata(stateFiles: readonly StateFile[], properties: CheckpointMetadata["properties"]): CheckpointMetadata {
    const { job, run, attempt } = this.run;
    return {
      format: METADATA_FORMAT,
      job,
      run,
      attempt,
      id: this.#id,
      kind: "checkpoint",
      triggeredMillis: this.#id * 100,
      completedMillis: this.#id * 100 + 10,
      maxParallelism: 128,
      properties,
      snapshots: [
        {
          operatorId: "o",
          subtask: 0,
          stateFiles,
          positions: { split: this.words.length },
          committables: [{ transaction: this.#id }],
          sinkState: null,
          extra: null,
        },
      ],
    };
  }
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The words of a cut; undefined: there is none. */
async function wordsOf(reader: CheckpointReader | undefined): Promise<string | undefined> {
  if (reader === undefined) return undefined;
  const texts: string[] = [];
  for (const file of reader.metadata.snapshots[0]!.stateFiles)
    texts.push(Buffer.from(await reader.readFile(file)).toString());
  return texts.join(" ");
}

/** A log in any storage; `fresh`: an empty one, or an empty part of one. */
export function loggedStorageSuite(fresh: () => ByteStorage): void {
  const place = (storage: ByteStorage): Place => ({ storage, path: "deep", location: LOCATION });
  const runPlace = (storage: ByteStorage, { location }: { readonly location: string }): Place => ({
    storage,
    path: location.slice("x://".length),
    location,
  });
  const storageOn = (storage: ByteStorage, machine: Machine = thisMachine, writes = true): LoggedStorage => {
    const options = { compression: "gzip", nowMillis: () => 1000 } as const;
    const open = async (): Promise<CheckpointReader> => Promise.reject(new Error("there is no savepoint"));
    const inner = new PlaceStorage({ ...options, place: place(storage), machine, open });
    return new LoggedStorage(inner, {
      ...options,
      viewOf: (location) => placeLog(runPlace(storage, { location })),
      writes,
    });
  };
  const begin = async (storage: ByteStorage): Promise<Writer> => new Writer(await storageOn(storage).createRun("job"));
  /** Another process, for which the first one is dead, whether it is or not. */
  const takeOver = async (storage: ByteStorage, run: string, writes = true): Promise<RunStorage> =>
    storageOn(storage, forgetful(), writes).openRun("job", run);
  const path = (writer: Writer, at: number): string =>
    `${runPlace({} as ByteStorage, writer.run).path}/log/${recordName(at)}`;
  const places = async (storage: ByteStorage, writer: Writer): Promise<number[]> => {
    const names: number[] = [];
    for await (const object of storage.list(path(writer, 0).slice(0, -12))) names.push(Number(object.path.slice(-12)));
    return names;
  };
  const damage = async (storage: ByteStorage, writer: Writer, at: number, byte = 20): Promise<Uint8Array> => {
    const { bytes } = (await storage.read(path(writer, at)))!;
    const broken = bytes.slice();
    broken[byte]! ^= 255;
    await storage.put(path(writer, at), broken);
    return bytes;
  };

  test("segments alone: another machine goes on from the last one", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    for (const word of ["a", "b", "c"]) await writer.segment(word);
    expect(writer.run.log!.status).toMatchObject({ segments: 3, lastId: 3, lastMillis: 300 });
    await writer.run.release();
    const run = await storageOn(storage).openRun("job", writer.run.run);
    const reader = await run.newest(fail);
    expect(await wordsOf(reader)).toBe("a b c");
    expect(reader).toMatchObject({
      location: `${writer.run.location}/log/000000000003`,
      metadata: {
        id: 3,
        properties: { plan: "p" },
        snapshots: [{ positions: { split: 2 }, committables: [{ transaction: 3 }] }],
      },
    });
    expect(await run.highestId()).toBe(3);
    expect(run.log!.due).toBe("checkpoint");
    expect(() => run.log!.segment(4)).toThrow("after a full checkpoint");
  });

  test("between full checkpoints: what they build on stays, the rest goes, and never the last object", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.segment("a");
    await writer.checkpoint("b", true);
    expect(await places(storage, writer)).toEqual([1]);
    await writer.segment("c");
    await writer.segment("d", { plan: "q" });
    expect(await places(storage, writer)).toEqual([1, 2, 3]);
    await writer.checkpoint("e", false);
    expect(await places(storage, writer)).toEqual([2, 3]);
    await writer.segment("f");
    const run = await takeOver(storage, writer.run.run);
    const reader = await run.newest(fail);
    expect(await wordsOf(reader)).toBe("a b c d e f");
    expect(reader!.metadata.properties).toEqual({ plan: "p" });
    const next = new Writer(run, await run.highestId());
    await next.checkpoint("all", true);
    expect(await places(storage, writer)).toEqual([5]);
  });

  test("a checkpoint that stays because another one builds on it stays whole", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.checkpoint("a", true);
    await writer.segment("b");
    await writer.checkpoint("c", false);
    writer.keep(({ path: name }) => name.startsWith("../chk-3/"));
    await writer.segment("d");
    await writer.checkpoint("e", false);
    await writer.segment("f");
    expect(await places(storage, writer)).toEqual([1, 2, 3]);
    await storage.put(`${runPlace(storage, writer.run).path}/chk-5/_metadata`, Buffer.from("{"));
    const reader = await (await takeOver(storage, writer.run.run)).newest(() => undefined);
    expect(await wordsOf(reader)).toBe("c d");
  });

  test("several checkpoints are kept: the log behind the oldest stays for who falls back to it", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.checkpoint("a", true, 2);
    await writer.segment("b");
    await writer.segment("c");
    await writer.checkpoint("d", true, 2);
    await writer.segment("e");
    const [chk] = (await storage.children(runPlace(storage, writer.run).path)).filter((name) => name === "chk-4/");
    await storage.put(`${runPlace(storage, writer.run).path}/${chk}_metadata`, Buffer.from("{"));
    const reasons: string[] = [];
    const run = await takeOver(storage, writer.run.run);
    const reader = await run.newest((reason) => reasons.push(reason));
    expect(await wordsOf(reader)).toBe("a b c");
    expect(reasons).toEqual([
      expect.stringContaining("checkpoint 4 is not used"),
      expect.stringContaining("it builds on cut 4, which is not there"),
    ]);
  });

  test.each([20, -1, -3, -40])("a damaged segment (byte %i): what comes before it is used, for good", async (byte) => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.checkpoint("a", true);
    for (const word of ["b", "c", "d", "e"]) await writer.segment(word);
    const size = (await storage.read(path(writer, 3)))!.bytes.length;
    const whole = await damage(storage, writer, 3, byte < 0 ? size + byte : byte);
    const reasons: string[] = [];
    const run = await takeOver(storage, writer.run.run);
    const reader = await run.newest((reason) => reasons.push(reason));
    expect(await wordsOf(reader)).toBe("a b c");
    expect(reasons).toEqual([
      expect.stringMatching(/segment .*000000000003 of the log is damaged/),
      expect.stringContaining("it builds on cut 4, which is not there"),
    ]);
    // Sinks have taken back what came later: nobody may find it again.
    await storage.put(path(writer, 3), whole);
    expect(await wordsOf(await (await takeOver(storage, writer.run.run)).newest(fail))).toBe("a b c");
  });

  test("a segment that is gone: what comes before it is used", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    for (const word of ["a", "b", "c"]) await writer.segment(word);
    await storage.remove(path(writer, 2));
    const reader = await (await takeOver(storage, writer.run.run)).newest(() => undefined);
    expect(await wordsOf(reader)).toBe("a");
  });

  test("a checkpoint whose segments are damaged is damaged: the one before it is used", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.checkpoint("a", true);
    await writer.segment("b");
    await writer.checkpoint("c", false);
    await damage(storage, writer, 1);
    const reasons: string[] = [];
    const reader = await (await takeOver(storage, writer.run.run)).newest((reason) => reasons.push(reason));
    expect(await wordsOf(reader)).toBe("a");
    expect(reasons).toEqual([
      expect.stringContaining("checkpoint 3 is not used"),
      expect.stringContaining("000000000001 of the log is damaged"),
    ]);
  });

  test("a sleeper that was taken over writes nothing more, also when its place is free again", async () => {
    const storage = fresh();
    const sleeper = await begin(storage);
    await sleeper.checkpoint("a", true);
    await sleeper.segment("b");
    const run = await takeOver(storage, sleeper.run.run);
    expect(await wordsOf(await run.newest(fail))).toBe("a b");
    await expect(sleeper.segment("late")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    const owner = new Writer(run, await run.highestId());
    owner.words = ["a", "b"];
    await owner.checkpoint("c", true);
    await owner.segment("d");
    await owner.checkpoint("e", true);
    await owner.segment("f");
    await storage.remove(path(sleeper, 2));
    await expect(sleeper.segment("later")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    expect(await places(storage, sleeper)).toContain(2);
    expect(await wordsOf(await (await takeOver(storage, sleeper.run.run)).newest(fail))).toBe("a b c d e f");
  });

  test("what a storage does though it says that it has failed counts, and the next segment comes behind it", async () => {
    const { storage, lose } = faultyStorage(fresh());
    const writer = await begin(storage);
    await writer.segment("a");
    lose(recordName(2));
    await expect(writer.segment("b")).rejects.toThrow("the answer was lost");
    await expect(writer.segment("b")).rejects.toThrow("was there already");
    await writer.segment("b");
    await writer.segment("c");
    expect(await places(storage, writer)).toEqual([1, 2, 3, 4]);
    expect(await wordsOf(await (await takeOver(storage, writer.run.run)).newest(fail))).toBe("a b c");
  });

  test("a segment that was still on its way when another process began is looked at by it", async () => {
    const { storage, delay } = faultyStorage(fresh());
    const writer = await begin(storage);
    await writer.segment("a");
    const run = await takeOver(storage, writer.run.run);
    // It arrives just before the new owner notes where it begins.
    delay(recordName(2));
    await expect(writer.segment("b")).rejects.toThrow("the answer was lost");
    expect(await wordsOf(await run.newest(fail))).toBe("a b");
  });

  test("a savepoint interrupts the log; so does too much for one segment", async () => {
    const writer = await begin(fresh());
    await writer.segment("a");
    const savepoint = await writer.run.beginSavepoint(7, {
      directory: "",
      place: { ...runPlace(fresh(), writer.run), path: "saves" },
      compression: "none",
    });
    await savepoint.complete({ ...emptyMetadata(writer.run), id: 7, kind: "savepoint" });
    expect(writer.run.log!.due).toBe("checkpoint");
    await writer.checkpoint("b", true);
    expect(writer.run.log!.due).toBe("segment");
  });

  test("a cut is opened by its segment, and becomes the first checkpoint of another run", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.checkpoint("a", true);
    for (const word of ["b", "c", "d"]) await writer.segment(word);
    const view = placeLog(runPlace(storage, writer.run));
    const reader = await openSegment(view, 2);
    expect(await wordsOf(reader)).toBe("a b c");
    await expect(openSegment(view, 9)).rejects.toMatchObject({ code: "CHECKPOINT_NOT_FOUND" });
    const other = await storageOn(storage).createRun("job");
    await other.adopt(reader);
    expect(await wordsOf(await other.newest(fail))).toBe("a b c");
  });

  test("without the option the log is read all the same, and passed on", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    await writer.segment("a");
    const run = await takeOver(storage, writer.run.run, false);
    expect(await wordsOf(await run.newest(fail))).toBe("a");
    expect(run.log).toBeUndefined();
    const found = (await storageOn(storage).newestRun("job"))!;
    expect(await wordsOf(await storageOn(storage).newestOf(found, fail, true))).toBe("a");
  });

  test("where it stands, as others see it", async () => {
    const storage = fresh();
    const writer = await begin(storage);
    const view = placeLog(runPlace(storage, writer.run));
    expect(await logInfo(view, true)).toBeUndefined();
    for (const word of ["a", "b", "c"]) await writer.segment(word);
    expect(await logInfo(view, false)).toMatchObject({
      segments: 3,
      last: { checkpointId: 3, triggeredMillis: 300, committables: 1 },
      gapMillis: 900,
      problems: [],
    });
    await damage(storage, writer, 1);
    expect((await logInfo(view, true))!.problems).toEqual([
      expect.stringContaining("000000000001 of the log is damaged"),
    ]);
  });
}

function fail(reason: string): never {
  throw new Error(`not expected: ${reason}`);
}

/** This machine, on which no process that holds a lock is running. */
function forgetful(): Machine {
  return { ...thisMachine, processes: { self: () => thisMachine.processes.self(), isRunning: () => false } };
}

function emptyMetadata({ job, run, attempt }: RunStorage): CheckpointMetadata {
  return {
    format: METADATA_FORMAT,
    job,
    run,
    attempt,
    id: 1,
    kind: "checkpoint",
    triggeredMillis: 1,
    completedMillis: 2,
    maxParallelism: 128,
    properties: {},
    snapshots: [],
  };
}

/** A storage with calls whose answers are lost, by the ends of the paths. */
function faultyStorage(inner: ByteStorage): {
  readonly storage: ByteStorage;
  /** The next time the object is made, the caller hears that it has failed. */
  lose(name: string): void;
  /** The same, and it is made only when somebody else is about to make it. */
  delay(name: string): void;
} {
  let lost: string | undefined;
  let delayed: string | undefined;
  let waiting: { readonly path: string; readonly bytes: Uint8Array } | undefined;
  const create = async (path: string, contents: Contents): Promise<string | undefined> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of contents instanceof Uint8Array ? [contents] : contents) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const failed = new SqlError("IO", "the answer was lost", { retryable: true });
    if (delayed !== undefined && path.endsWith(delayed)) {
      delayed = undefined;
      waiting = { path, bytes };
      throw failed;
    }
    if (waiting?.path === path) {
      const before = waiting;
      waiting = undefined;
      await inner.create(before.path, before.bytes);
    }
    const version = await inner.create(path, bytes);
    if (lost === undefined || !path.endsWith(lost)) return version;
    lost = undefined;
    throw failed;
  };
  const storage: ByteStorage = {
    name: inner.name,
    create,
    replace: async (path, bytes, version) => inner.replace(path, bytes, version),
    put: async (path, bytes) => inner.put(path, bytes),
    read: async (path) => inner.read(path),
    readRange: async (path, from, length) => inner.readRange(path, from, length),
    list: (prefix) => inner.list(prefix),
    children: async (folder) => inner.children(folder),
    remove: async (path) => inner.remove(path),
    close: async () => inner.close(),
  };
  return { storage, lose: (name) => (lost = name), delay: (name) => (delayed = name) };
}
