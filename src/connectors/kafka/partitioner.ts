import { SqlError } from "../../base/errors.ts";
import { partitionOfKey } from "./records/murmur2.ts";
import type { Piece } from "./produce-queue.ts";

/** Chooses a partition by number; `filled`: bytes in the batch of the partition chosen last without a key. */
export interface Partitioner {
  partition(key: Piece | undefined, filled: (index: number) => number): number;
  /** Where values without keys go now, as long as they fill a batch. */
  sticky(filled: (index: number) => number): number;
}

/** Keyless records stay with one partition for so many bytes, as in Java's producer (its `batch.size` is smaller). */
const STICKY_BYTES = 1 << 18;

/** Throws UNSUPPORTED for a Java class, OPTION_CONFLICT for one that would tear keys apart. */
export function checkPartitioner(name: string, hasKey: boolean): void {
  const known = name.toLowerCase();
  if (!["default", "fixed", "round-robin"].includes(known)) {
    throw new SqlError("UNSUPPORTED", `'sink.partitioner' = '${name}': Java classes do not run here`, {
      hint: "one of default, fixed, round-robin",
    });
  }
  if (known === "round-robin" && hasKey) {
    throw new SqlError(
      "OPTION_CONFLICT",
      "Currently 'round-robin' partitioner only works when option 'key.fields' is not specified.",
    );
  }
}

/** By a name that was checked. */
export function partitionerOf(name: string, subtask: number, partitions: number): Partitioner {
  if (name.toLowerCase() !== "fixed") return new StickyPartitioner(partitions, subtask);
  return { partition: () => subtask % partitions, sticky: () => subtask % partitions };
}

/** By key as every client of Kafka does; records without a key fill a batch of one partition, then of the next. */
class StickyPartitioner implements Partitioner {
  readonly #partitions: number;
  #current: number;
  /** What its batch held when it was looked at last: less now means that the batch has been finished. */
  #filled = 0;

  constructor(partitions: number, first: number) {
    this.#partitions = partitions;
    this.#current = first % partitions;
  }

  partition(key: Piece | undefined, filled: (index: number) => number): number {
    if (key !== undefined && !key.isNull) return partitionOfKey(key.bytes, key.start, key.end, this.#partitions);
    return this.sticky(filled);
  }

  sticky(filled: (index: number) => number): number {
    const bytes = filled(this.#current);
    if (bytes >= STICKY_BYTES || bytes < this.#filled) {
      this.#current = (this.#current + 1) % this.#partitions;
      this.#filled = filled(this.#current);
    } else this.#filled = bytes;
    return this.#current;
  }
}
