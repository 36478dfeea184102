import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { crc32 } from "./checksum.ts";
import { keyFor, type EncryptionKeys } from "./encryption-keys.ts";
import { newSeal, openText, sealText, type Seal } from "./sealing.ts";

/** Version of the metadata file; readers refuse others. */
export const METADATA_FORMAT = 1;
/** Of an encrypted one, which holds the other. */
const SEALED_FORMAT = 2;

export type Compression = "none" | "gzip" | "zstd";

/** A data file of a checkpoint. */
export interface StateFile {
  /** Relative to the checkpoint's folder. */
  readonly path: string;
  /** Where it begins in the segment of the log that it is a part of (`path`); absent: it is a file of its own. */
  readonly offset?: number | undefined;
  readonly compression: Compression;
  /** Size as stored. */
  readonly bytes: number;
  /** Size before compression. */
  readonly rawBytes: number;
  /** CRC-32 of the stored bytes. */
  readonly crc32: number;
  /** How it is encrypted, after it was compressed; undefined: it is not. */
  readonly encryption?: Seal | undefined;
  /** Not state of the operator, but rows that were on their way to it (unaligned checkpoints). */
  readonly role?: "in-flight" | undefined;
}

/** What one subtask of one operator put into a checkpoint. */
export interface SubtaskSnapshot {
  readonly operatorId: string;
  readonly subtask: number;
  /** Keyed and other state, in the form of `state/snapshot.ts`. */
  readonly stateFiles: readonly StateFile[];
  /** Source positions by split id. */
  readonly positions: { readonly [splitId: string]: Json };
  /** What the sink commits once the checkpoint is complete, and again after a restore. */
  readonly committables: readonly Json[];
  /** What the sink writer needs to go on. */
  readonly sinkState: Json;
  /** Anything else of the runtime (watermarks, known splits). */
  readonly extra: Json;
}

/** `final`: after the end of the input; nothing follows. */
export type CheckpointKind = "checkpoint" | "savepoint" | "final";

/** Does the file belong to an earlier checkpoint of the run? */
export function isEarlierFile(file: StateFile): boolean {
  return file.path.startsWith("../");
}

/** A completed checkpoint, as its `_metadata` file says. */
export interface CheckpointMetadata {
  readonly format: number;
  readonly job: string;
  readonly run: string;
  readonly attempt: number;
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly triggeredMillis: number;
  readonly completedMillis: number;
  /** Number of key groups of all keyed state; wins over the configuration on restore. */
  readonly maxParallelism: number;
  /** What the engine wants to find again: version, statement, plan. */
  readonly properties: { readonly [name: string]: Json };
  readonly snapshots: readonly SubtaskSnapshot[];
}

/**
 * The file: JSON whose first field is the CRC-32 of the text without it, so that no changed bit goes unnoticed. With keys
 * all of it is encrypted, and stands in a file that says with which key.
 */
export function encodeMetadata(metadata: CheckpointMetadata, keys?: EncryptionKeys): string {
  const text = withChecksum(metadata);
  if (keys === undefined) return text;
  const seal = newSeal(keys.current);
  const contents = sealText(text, keys.current, seal, "metadata");
  return withChecksum({ format: SEALED_FORMAT, encryption: "AES-256-GCM", ...seal, contents });
}

function withChecksum(value: object): string {
  const text = `${JSON.stringify(value, undefined, 1)}\n`;
  return text.replace("{\n", `{\n "crc32": ${crc32(Buffer.from(text))},\n`);
}

const CHECKSUM = /^\{\n "crc32": (\d+),\n/;

/**
 * Reads and checks a metadata file. Throws CHECKPOINT_INVALID, STATE_INCOMPATIBLE for another format, or ENCRYPTION_KEY
 * when its key is not among the given ones, naming `where`.
 */
export function decodeMetadata(text: string, where: string, keys?: EncryptionKeys): CheckpointMetadata {
  const reader = new FieldReader(where);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new SqlError("CHECKPOINT_INVALID", `${where} is not JSON`, { cause });
  }
  const root = reader.object(parsed, "it");
  const format = reader.number(root, "format");
  if (format !== METADATA_FORMAT && format !== SEALED_FORMAT) {
    // Not damaged: to go on from an older checkpoint instead would undo what another version of millrace has done.
    throw new SqlError("STATE_INCOMPATIBLE", `${where} has format ${format}; this version reads ${METADATA_FORMAT}`, {
      hint: "run the version of millrace that wrote it",
    });
  }
  const checksum = CHECKSUM.exec(text);
  if (checksum === null || crc32(Buffer.from(text.replace(CHECKSUM, "{\n"))) !== Number(checksum[1]))
    throw new SqlError("CHECKPOINT_INVALID", `${where} is damaged: its checksum is not right`);
  if (format === SEALED_FORMAT) return decodeMetadata(openEnvelope(reader, root, where, keys), where);
  const kind = reader.text(root, "kind");
  if (kind !== "checkpoint" && kind !== "savepoint" && kind !== "final") return reader.fail("kind");
  return {
    format,
    job: reader.text(root, "job"),
    run: reader.text(root, "run"),
    attempt: reader.number(root, "attempt"),
    id: reader.number(root, "id"),
    kind,
    triggeredMillis: reader.number(root, "triggeredMillis"),
    completedMillis: reader.number(root, "completedMillis"),
    maxParallelism: reader.number(root, "maxParallelism"),
    properties: reader.object(root["properties"], "properties"),
    snapshots: reader.list(root["snapshots"], "snapshots").map((item) => readSnapshot(reader, item)),
  };
}

function openEnvelope(reader: FieldReader, root: JsonObject, where: string, keys: EncryptionKeys | undefined): string {
  const seal: Seal = { keyId: reader.text(root, "keyId"), salt: reader.text(root, "salt") };
  return openText(
    reader.text(root, "contents"),
    keyFor(keys, seal.keyId, where),
    seal,
    "metadata",
    () => new SqlError("CHECKPOINT_INVALID", `${where} is damaged: it is not what was encrypted`),
  );
}

function readSnapshot(reader: FieldReader, value: Json): SubtaskSnapshot {
  const snapshot = reader.object(value, "snapshots");
  return {
    operatorId: reader.text(snapshot, "operatorId"),
    subtask: reader.number(snapshot, "subtask"),
    stateFiles: reader.list(snapshot["stateFiles"], "stateFiles").map((item) => readStateFile(reader, item)),
    positions: reader.object(snapshot["positions"], "positions"),
    committables: reader.list(snapshot["committables"], "committables"),
    sinkState: snapshot["sinkState"] ?? null,
    extra: snapshot["extra"] ?? null,
  };
}

function readStateFile(reader: FieldReader, value: Json): StateFile {
  const file = reader.object(value, "stateFiles");
  const compression = reader.text(file, "compression");
  if (compression !== "none" && compression !== "gzip" && compression !== "zstd") return reader.fail("compression");
  return {
    path: reader.text(file, "path"),
    ...(file["offset"] === undefined ? {} : { offset: reader.number(file, "offset") }),
    compression,
    bytes: reader.number(file, "bytes"),
    rawBytes: reader.number(file, "rawBytes"),
    crc32: reader.number(file, "crc32"),
    ...(file["encryption"] === undefined ? {} : { encryption: readSeal(reader, file["encryption"]) }),
    ...(file["role"] === "in-flight" ? { role: "in-flight" } : {}),
  };
}

function readSeal(reader: FieldReader, value: Json): Seal {
  const seal = reader.object(value, "encryption");
  return { keyId: reader.text(seal, "keyId"), salt: reader.text(seal, "salt") };
}

type JsonObject = { readonly [key: string]: Json };

/** Fields of parsed JSON by type; every mistake is a CHECKPOINT_INVALID that names the file and the field. */
export class FieldReader {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  object(value: unknown, name: string): JsonObject {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.fail(name);
    return value as JsonObject;
  }

  list(value: Json | undefined, name: string): readonly Json[] {
    if (!Array.isArray(value)) return this.fail(name);
    return value as readonly Json[];
  }

  text(object: JsonObject, name: string): string {
    const value = object[name];
    return typeof value === "string" ? value : this.fail(name);
  }

  number(object: JsonObject, name: string): number {
    const value = object[name];
    return typeof value === "number" ? value : this.fail(name);
  }

  fail(name: string): never {
    throw new SqlError("CHECKPOINT_INVALID", `${this.#where} is damaged: '${name}' is missing or has the wrong type`);
  }
}
