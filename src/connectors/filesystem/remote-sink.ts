import { faultPoint } from "../../base/fault-point.ts";
import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { invalidOption, OptionReader } from "../../base/options.ts";
import type { Format } from "../../formats/api.ts";
import type { Place } from "../../storage/place.ts";
import { stagingOf } from "../../storage/staging.ts";
import type { ConnectorContext, RunIdentity, Sink, TableRequest } from "../api.ts";
import { isGlob } from "./location.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";
import { parsePartName, sinkUid } from "./part-names.ts";
import { partitionCommitPolicy, type PartitionCommitPolicy } from "./partition-commit.ts";
import { RemoteFileWriter, type RemoteCommittable, type RemoteWriterState } from "./remote-writer.ts";
import { tableSettings } from "./sink.ts";
import { mergedPartitions } from "./table-partitions.ts";

/**
 * Writes the folder of a table in a storage exactly once: objects are staged when a checkpoint is made, and published
 * when it is complete.
 */
export class RemoteFileSink implements Sink {
  readonly guarantee = "exactly-once";
  readonly #request: TableRequest;
  readonly #context: ConnectorContext;
  readonly #run: RunIdentity;
  readonly #format: Format;
  readonly #options: OptionReader;
  readonly #place: Promise<Place>;
  readonly #uid: string;
  readonly #partitionCommit: PartitionCommitPolicy;
  /** The checkpoint that this attempt started from. */
  #restoredCheckpoint = 0;

  constructor(
    request: TableRequest,
    context: ConnectorContext,
    run: RunIdentity,
    { format, place }: { readonly format: Format; readonly place: Promise<Place> },
  ) {
    this.#request = request;
    this.#context = context;
    this.#run = run;
    this.#format = format;
    this.#options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
    this.#place = place;
    this.#uid = sinkUid(run);
    this.#partitionCommit = partitionCommitPolicy(this.#options);
    // Whoever asks first hears of it.
    place.catch(() => undefined);
    const path = this.#options.required("path");
    if (isGlob(path)) throw invalidOption("path", path, "a folder to write into, not a pattern");
    if (this.#options.boolean("auto-compaction") === true)
      throw new SqlError("UNSUPPORTED", `table '${request.table}': 'auto-compaction' in a storage`);
  }

  async openWriter(subtask: number, restored: readonly Json[]): Promise<RemoteFileWriter> {
    const { storage, path } = await this.#place;
    const states = restored.filter((state) => state !== null) as unknown as readonly RemoteWriterState[];
    return new RemoteFileWriter(
      {
        ...tableSettings(this.#request, this.#format, this.#options),
        directory: path,
        uid: this.#uid,
        attempt: this.#run.attempt,
        subtask,
        partitionCommit: this.#partitionCommit,
        staging: stagingOf(storage),
        nowMillis: () => this.#context.nowMillis(),
      },
      {
        checkpoint: Math.max(this.#restoredCheckpoint, ...states.map((state) => state.checkpoint)),
        partitions: mergedPartitions(states.flatMap((state) => state.partitions)),
      },
    );
  }

  async commit(_checkpointId: number, committables: readonly Json[]): Promise<void> {
    const list = committables as unknown as readonly RemoteCommittable[];
    const { storage } = await this.#place;
    const staging = stagingOf(storage);
    for (const item of list) {
      if (item.kind !== "object") continue;
      if (!(await staging.publish(item.staged))) {
        throw new SqlError(
          "IO",
          `the staged object '${storage.name}/${item.staged.path}' of a complete checkpoint is gone: its rows are lost`,
          { hint: "something removes unfinished uploads, perhaps a rule of the bucket's life cycle" },
        );
      }
      faultPoint("filesystem.commit");
    }
    const { successFile } = this.#partitionCommit;
    if (successFile === undefined) return;
    for (const item of list)
      if (item.kind === "partition") await storage.put(`${item.directory}/${successFile}`, new Uint8Array(0));
  }

  async discardAfter(checkpointId: number | undefined): Promise<void> {
    const from = checkpointId ?? 0;
    this.#restoredCheckpoint = from;
    const { storage, path } = await this.#place;
    // What was begun before the checkpoint is among its committables, which are published again.
    const isLater = (object: string): boolean => {
      const identity = parsePartName(object.slice(object.lastIndexOf("/") + 1))?.identity;
      return identity?.uid === this.#uid && identity.checkpoint >= from;
    };
    const staging = stagingOf(storage);
    for await (const staged of staging.list(`${path}/`)) if (isLater(staged.path)) await staging.discard(staged);
    const superseded: string[] = [];
    for await (const object of storage.list(`${path}/`)) if (isLater(object.path)) superseded.push(object.path);
    for (const object of superseded) await storage.remove(object);
    if (superseded.length > 0) {
      this.#context.stderr(
        `note: table ${this.#request.table}: the job goes on from an older checkpoint than the newest output; ` +
          `${superseded.length} finished files were removed because their rows are written again\n`,
      );
    }
  }

  async close(): Promise<void> {
    await (await this.#place.catch(() => undefined))?.storage.close();
  }
}
