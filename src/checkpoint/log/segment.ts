import { SqlError } from "../../base/errors.ts";
import { crc32 } from "../checksum.ts";
import type { EncryptionKeys } from "../encryption-keys.ts";
import { decodeMetadata, encodeMetadata, type CheckpointMetadata, type StateFile } from "../metadata.ts";

/** First and last eight bytes of an object of the log. */
const MAGIC = new TextEncoder().encode("MILLLOG1");
/** After the index: its length and CRC-32, both u32 little-endian, then the magic. */
export const FOOTER_BYTES = 16;
/** Version of the index; readers refuse others. */
const LOG_FORMAT = 1;
const DIGITS = 12;

/** Folder of the log in a run's folder. */
export const LOG_FOLDER = "log";

/** A cut of the job, as what changed since the cut before: state, positions, what sinks prepared. */
export interface Segment {
  readonly type: "segment";
  /** Number of the cut that this one builds on: a checkpoint or an earlier segment; 0: the job's beginning. */
  readonly after: number;
  /** Number of the full checkpoint that the cuts before go back to; 0: none. */
  readonly base: number;
  /** By subtask (`operator#subtask`): so many of the first state files are those of the cut before. */
  readonly kept: Readonly<Record<string, number>>;
  /** The properties are those of the cut before. */
  readonly sameProperties: boolean;
  /** The longest that work was only in memory, of the cuts just before this one, millis; undefined: there were none. */
  readonly gapMillis: number | undefined;
  /** The cut; of its state files only those that are new. */
  readonly metadata: CheckpointMetadata;
}

/** An attempt begins: nothing that an earlier one may still send finds this place free, and what it left is decided. */
export interface LogStart {
  readonly type: "start";
  readonly attempt: number;
  /** Number of the cut that it goes on from; 0: the job's beginning. */
  readonly from: number;
  /** Numbers of its own cuts begin here. */
  readonly firstId: number;
}

/** One object of the log. */
export type LogRecord = Segment | LogStart;

/** Name of an object by its place in the log, from 1. */
export function recordName(place: number): string {
  return String(place).padStart(DIGITS, "0");
}

/** The place of an object in the log; undefined: the name is none of the log's. */
export function placeOfName(name: string): number | undefined {
  return name.length >= DIGITS && /^\d+$/.test(name) ? Number(name) : undefined;
}

/** Path of a segment as a state file in it names it. */
export function partPath(place: number): string {
  return `../${LOG_FOLDER}/${recordName(place)}`;
}

/** The place of the segment that a state file lies in; undefined: it is a file of its own. */
export function placeOfPart(file: StateFile): number | undefined {
  const prefix = `../${LOG_FOLDER}/`;
  return file.path.startsWith(prefix) ? placeOfName(file.path.slice(prefix.length)) : undefined;
}

/** What comes before the parts of a segment. */
export const RECORD_HEAD: Uint8Array = MAGIC;

/** What comes after the parts: index and footer. `keys`: the cut in it is encrypted. */
export function encodeIndex(record: LogRecord, keys?: EncryptionKeys): Uint8Array {
  const index =
    record.type === "start"
      ? { format: LOG_FORMAT, ...record }
      : { format: LOG_FORMAT, ...record, metadata: encodeMetadata(record.metadata, keys) };
  const text = Buffer.from(JSON.stringify(index));
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.writeUInt32LE(text.length, 0);
  footer.writeUInt32LE(crc32(text), 4);
  footer.set(MAGIC, 8);
  return Buffer.concat([text, footer]);
}

/** How many bytes at the end of an object its index takes, footer included, by its last bytes. Throws CHECKPOINT_INVALID. */
export function indexBytes(tail: Uint8Array, location: string): number {
  const footer = Buffer.from(tail.subarray(Math.max(0, tail.length - FOOTER_BYTES)));
  if (footer.length < FOOTER_BYTES || !footer.subarray(8).equals(MAGIC)) throw damagedRecord(location);
  return footer.readUInt32LE(0) + FOOTER_BYTES;
}

/** The record by the end of its object, which holds at least the whole index. Throws CHECKPOINT_INVALID, STATE_INCOMPATIBLE, ENCRYPTION_KEY. */
export function decodeIndex(tail: Uint8Array, location: string, keys?: EncryptionKeys): LogRecord {
  const length = indexBytes(tail, location);
  if (length > tail.length) throw damagedRecord(location);
  const end = tail.length - FOOTER_BYTES;
  const text = Buffer.from(tail.subarray(tail.length - length, end));
  if (crc32(text) !== Buffer.from(tail.subarray(end)).readUInt32LE(4)) throw damagedRecord(location);
  // The checksum says that it is what was written.
  const index = JSON.parse(text.toString()) as LogStart | (Omit<Segment, "metadata"> & { readonly metadata: string });
  const { format } = index as unknown as { readonly format: number };
  if (format !== LOG_FORMAT)
    throw new SqlError("STATE_INCOMPATIBLE", `${location} has format ${format}; this version reads ${LOG_FORMAT}`, {
      hint: "run the version of millrace that wrote it",
    });
  if (index.type === "start") return index;
  return { ...index, metadata: decodeMetadata(index.metadata, location, keys) };
}

/** Compares every part of a segment with its checksum. `bytes`: the whole object. Throws CHECKPOINT_INVALID. */
export function verifyRecord(bytes: Uint8Array, record: LogRecord, place: number, location: string): void {
  if (!Buffer.from(bytes.subarray(0, MAGIC.length)).equals(MAGIC)) throw damagedRecord(location);
  if (record.type === "start") return;
  for (const file of record.metadata.snapshots.flatMap((snapshot) => snapshot.stateFiles)) {
    if (placeOfPart(file) !== place) continue;
    const part = bytes.subarray(file.offset, (file.offset ?? 0) + file.bytes);
    if (part.length !== file.bytes || crc32(part) !== file.crc32) throw damagedRecord(location);
  }
}

function damagedRecord(location: string): SqlError {
  return new SqlError("CHECKPOINT_INVALID", `the segment ${location} of the log is damaged`);
}
