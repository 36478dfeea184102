import { randomUUID } from "node:crypto";
import { SqlError } from "../base/errors.ts";
import { checkpointFolder } from "../checkpoint/checkpoint-directory.ts";
import type { StateFile } from "../checkpoint/metadata.ts";
import type { PendingState } from "../checkpoint/participant.ts";
import type { SnapshotTarget } from "../checkpoint/storage.ts";
import type { FrozenState } from "./snapshot.ts";

/** So many increments, and a new base is due … */
const USUAL_INCREMENTS = 10;
/** … but when they are less than this part of it, so that a large state that rests is not rewritten all the time … */
const SMALL_PART = 0.1;
/** … until there are so many. */
const MOST_INCREMENTS = 100;
/** A new base, too, when the increments are more than this part of it: restores read all of them. */
const LARGE_PART = 0.5;

/** With a log the increments may come to this part of the base … */
const LOG_PART = 1;
/** … and be so many: they lie together in its segments, and a base comes with full checkpoints only. */
const MOST_IN_LOG = 500;

/** The files of a complete checkpoint's state, on which the next increment builds. */
interface Link {
  readonly freeze: number;
  readonly outline: string;
  readonly chain: string;
  /** The base, then the increments; each with the checkpoint whose folder it lies in. */
  readonly files: readonly { readonly checkpointId: number; readonly file: StateFile }[];
}

/**
 * The snapshots of one operator in one attempt: a base, then increments on what the newest *complete* checkpoint holds,
 * then a new base. Checkpoints that fail leave no trace here: what was dirty for them stays dirty in the stores. The
 * first snapshot of an attempt is a base, since slots may have been numbered anew by the restore, and the folder that
 * was restored from may not be of this run.
 */
export class SnapshotChain {
  readonly #name: string;
  readonly #incremental: boolean;
  #head: Link | undefined;
  /** Nothing builds on freezes up to this one. */
  #floor = 0;

  /** `name`: of the state files, unique among the operators and subtasks of the checkpoint. */
  constructor(name: string, incremental: boolean) {
    this.#name = name;
    this.#incremental = incremental;
  }

  /** What `MemoryOperatorState.freeze` is to be given. */
  get since(): number {
    return this.#head?.freeze ?? 0;
  }

  /** A frozen state with nothing in it: its checkpoint has no files of this operator, so that older ones may be removed with it. */
  skipped({ freeze }: FrozenState): void {
    this.#end(freeze);
  }

  /** The frozen state, to be written as an increment or as a base. */
  pending(frozen: FrozenState): PendingState {
    let link: Link | undefined;
    let canonical = false;
    return {
      write: async (target) => {
        canonical = target.kind === "savepoint";
        const head = canonical ? undefined : this.#head;
        link = await this.#write(frozen, target, head);
        // Retention may have removed the files of a head that is no longer the newest.
        if (!canonical && link.chain === head?.chain && this.#head !== head) throw outOfOrder(this.#name);
        return link.files.map(({ checkpointId, file }) => pathFrom(target.id, checkpointId, file));
      },
      completed: () => {
        // Whether the files of a savepoint stay is its owner's business; and checkpoints before it may be removed.
        if (canonical || !this.#incremental) this.#end(frozen.freeze);
        else if (link !== undefined && link.freeze > Math.max(this.since, this.#floor)) this.#head = link;
      },
      release: () => frozen.release(),
    };
  }

  /** The next snapshot is a base. */
  #end(freeze: number): void {
    this.#head = undefined;
    this.#floor = Math.max(this.#floor, freeze);
  }

  async #write(frozen: FrozenState, target: SnapshotTarget, head: Link | undefined): Promise<Link> {
    const { freeze, outline } = frozen;
    const write = async (chain: string, position: number): Promise<Link> => {
      const file = await target.writeFile(this.#name, frozen.write({ chain, position }));
      const before = position === 0 ? [] : head!.files;
      return { freeze, outline, chain, files: [...before, { checkpointId: target.id, file }] };
    };
    // What is frozen knows what changed since its own `since` only.
    if (head === undefined || head.freeze !== frozen.since) return await write(randomUUID(), 0);
    if (outline === head.outline && !frozen.hasChanges) {
      frozen.release();
      return { ...head, freeze };
    }
    return target.isSegment !== true && isLong(head)
      ? await write(randomUUID(), 0)
      : await write(head.chain, head.files.length);
  }
}

function isLong({ files }: Link): boolean {
  const increments = files.length - 1;
  const baseBytes = files[0]!.file.bytes;
  const incrementBytes = files.reduce((sum, { file }) => sum + file.bytes, 0) - baseBytes;
  if (files.some(({ file }) => file.offset !== undefined))
    return incrementBytes > baseBytes * LOG_PART || increments >= MOST_IN_LOG;
  if (incrementBytes > baseBytes * LARGE_PART || increments >= MOST_INCREMENTS) return true;
  return increments >= USUAL_INCREMENTS && incrementBytes > baseBytes * SMALL_PART;
}

/** The file as the metadata of checkpoint `id` names it. */
function pathFrom(id: number, checkpointId: number, file: StateFile): StateFile {
  // A part of the log has its path from anywhere in the run.
  return id === checkpointId || file.offset !== undefined
    ? file
    : { ...file, path: `../${checkpointFolder(checkpointId)}/${file.path}` };
}

function outOfOrder(name: string): SqlError {
  return new SqlError(
    "CHECKPOINT_FAILED",
    `another checkpoint was completed while an increment of ${name} was being written on the one before it`,
    { retryable: true },
  );
}
