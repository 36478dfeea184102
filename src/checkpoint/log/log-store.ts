import { SqlError } from "../../base/errors.ts";
import { within, type Place } from "../../storage/place.ts";
import type { EncryptionKeys } from "../encryption-keys.ts";
import type { CheckpointMetadata } from "../metadata.ts";
import type { CheckpointReader } from "../storage.ts";
import {
  decodeIndex,
  encodeIndex,
  indexBytes,
  placeOfName,
  RECORD_HEAD,
  recordName,
  verifyRecord,
  type LogRecord,
  type LogStart,
} from "./segment.ts";

/** So much of the end of an object is read at once to find its index. */
const TAIL_BYTES = 64 << 10;

/** The log of a run and the checkpoints beside it, on a disk or in a storage. */
export interface LogView {
  /** The folder of the log. */
  readonly log: Place;
  /** Undefined: segments are not encrypted, and encrypted ones cannot be read. */
  readonly keys: EncryptionKeys | undefined;
  /** Opens a full checkpoint of the run; undefined: there is none of that number. Throws CHECKPOINT_INVALID. */
  checkpoint(id: number): Promise<CheckpointReader | undefined>;
  /** Reads state files by their paths, which begin with `../`. */
  reader(metadata: CheckpointMetadata): CheckpointReader;
  /** Removes what a process left that died while it wrote. */
  tidy(): Promise<void>;
}

/** An object of the log in the list. */
export interface ListedRecord {
  /** In the log, from 1. */
  readonly place: number;
  /** Bytes. */
  readonly size: number;
}

/** The objects of a log: each is made once, under the number of its place. */
export class LogStore {
  readonly #log: Place;
  readonly #keys: EncryptionKeys | undefined;

  constructor({ log, keys }: Pick<LogView, "log" | "keys">) {
    this.#log = log;
    this.#keys = keys;
  }

  /** Where an object lies, for messages. */
  location(place: number): string {
    return within(this.#log, recordName(place)).location;
  }

  /** What is there, by place. */
  async list(): Promise<readonly ListedRecord[]> {
    const { storage, path } = this.#log;
    const found: ListedRecord[] = [];
    for await (const { path: each, size } of storage.list(`${path}/`)) {
      const place = placeOfName(each.slice(path.length + 1));
      if (place !== undefined) found.push({ place, size });
    }
    return found.sort((a, b) => a.place - b.place);
  }

  /** A record without its parts. Throws CHECKPOINT_INVALID when it is damaged or gone, ENCRYPTION_KEY. */
  async index({ place, size }: ListedRecord): Promise<LogRecord> {
    const { storage, path, location } = within(this.#log, recordName(place));
    const tail = async (bytes: number): Promise<Uint8Array> =>
      (await storage.readRange(path, Math.max(0, size - bytes), Math.min(size, bytes))) ?? missing(location);
    const end = await tail(TAIL_BYTES);
    const needed = indexBytes(end, location);
    return decodeIndex(needed > end.length ? await tail(needed) : end, location, this.#keys);
  }

  /** A record, every part of which was compared with its checksum. Throws CHECKPOINT_INVALID when it is damaged or gone. */
  async verified({ place }: ListedRecord): Promise<LogRecord> {
    const { storage, path, location } = within(this.#log, recordName(place));
    const { bytes } = (await storage.read(path)) ?? missing(location);
    const record = decodeIndex(bytes, location, this.#keys);
    verifyRecord(bytes, record, place, location);
    return record;
  }

  /** Makes the object of a place; false: there is one already. */
  async create(place: number, contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<boolean> {
    const { storage, path } = within(this.#log, recordName(place));
    return (await storage.create(path, contents)) !== undefined;
  }

  async createStart(place: number, start: LogStart): Promise<boolean> {
    return this.create(place, Buffer.concat([RECORD_HEAD, encodeIndex(start)]));
  }

  async remove(place: number): Promise<void> {
    const { storage, path } = within(this.#log, recordName(place));
    await storage.remove(path);
  }
}

function missing(location: string): never {
  throw new SqlError("CHECKPOINT_INVALID", `the segment ${location} of the log is gone`);
}
