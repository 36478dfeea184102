import { SqlError } from "../../base/errors.ts";
import { HASH_VERSION } from "../../batch/hash.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import { MANIFEST_MAGIC, type RecordBackendName } from "../manifest-magic.ts";
import type { PartSchema } from "../snapshot-manifest.ts";

/** Version of the manifest and of the records in the database; readers refuse others. */
const MANIFEST_FORMAT = 1;

/** A table, or the slices of one, in the database: its records hold the rows of its lists and maps. */
export interface StoredTable {
  /** Keys of its records begin with it. */
  readonly number: number;
  readonly schema: PartSchema;
  /** In the order in which records hold them. */
  readonly children: readonly PartSchema[];
}

/** What one operator of one subtask has in a checkpoint of this backend. */
export interface OperatorManifest {
  readonly operatorId: string;
  readonly subtask: number;
  readonly keyGroups: KeyGroupRange;
  readonly maxParallelism: number;
  readonly tables: readonly StoredTable[];
  /** Numbers without a key; as text, since some are infinite. */
  readonly numbers: Readonly<Record<string, string>>;
  /**
   * Files of the database of the subtask, which all its operators share: the state files behind the manifest, in this
   * order. One operator of each subtask has them.
   */
  readonly databaseFiles: readonly string[] | undefined;
  /** Rows of a database instead, of all operators of the subtask: one of them says where. */
  readonly rows?: StoredRows | undefined;
}

/** Where the records of a subtask lie in a database, which the options name. */
export interface StoredRows {
  /** Whose rows. */
  readonly scope: number;
  /** The newest of each key up to this one. */
  readonly epoch: number;
  /** The scope's random word. */
  readonly token: string;
}

export function encodeManifest(backend: RecordBackendName, manifest: OperatorManifest): Uint8Array {
  const text = JSON.stringify({ format: MANIFEST_FORMAT, hashVersion: HASH_VERSION, ...manifest });
  return Buffer.concat([MANIFEST_MAGIC[backend], Buffer.from(text)]);
}

/** Reads a manifest; `bytes` begin with the magic. Throws STATE_INCOMPATIBLE for other versions, CHECKPOINT_INVALID. */
export function decodeManifest(bytes: Uint8Array, where: string): OperatorManifest {
  let parsed: OperatorManifest & { readonly format: number; readonly hashVersion: number };
  try {
    parsed = JSON.parse(Buffer.from(bytes.subarray(MANIFEST_MAGIC.rocksdb.length)).toString("utf8")) as typeof parsed;
  } catch (cause) {
    throw new SqlError("CHECKPOINT_INVALID", `a manifest of a state backend in ${where} is damaged`, { cause });
  }
  if (parsed.format !== MANIFEST_FORMAT || parsed.hashVersion !== HASH_VERSION) {
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `the state in ${where} has format ${parsed.format}, hash ${parsed.hashVersion} of its state backend; this version reads ${MANIFEST_FORMAT}, ${HASH_VERSION}`,
      { hint: "take a savepoint with the version that wrote it, and begin with that" },
    );
  }
  return parsed;
}

/** A manifest as a file. */
export async function* manifestPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
