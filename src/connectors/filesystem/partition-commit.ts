import type { OptionReader } from "../../base/options.ts";
import { SqlError } from "../../base/errors.ts";
import { invalidOption } from "../../base/options.ts";
import { isValidZone, localToInstant } from "../../types/timezone.ts";
import { partitionTimeMillis, timePattern } from "./partition-time.ts";
import type { PartitionTexts } from "./partition-value.ts";

/** A partition that has got rows since it was last committed. */
export interface OpenPartition {
  readonly directory: string;
  readonly partition: PartitionTexts;
  /** When its first row was written. */
  readonly createdMillis: number;
}

/** When a partition is complete, and what marks it. */
export interface PartitionCommitPolicy {
  /** Name of the marker file; undefined: complete partitions get nothing. */
  readonly successFile: string | undefined;
  isComplete(partition: OpenPartition, nowMillis: number, watermarkMillis: number): boolean;
}

/** The policy of a table's `sink.partition-commit.*` options. Throws UNSUPPORTED or OPTION_INVALID. */
export function partitionCommitPolicy(options: OptionReader): PartitionCommitPolicy {
  const delayMillis = options.millis("sink.partition-commit.delay") ?? 0;
  const successFile = successFileName(options);
  if (
    options.word("partition.time-extractor.kind") === "custom" ||
    options.text("partition.time-extractor.class") !== undefined
  ) {
    throw new SqlError("UNSUPPORTED", "option 'partition.time-extractor.kind' = 'custom' needs Java classes", {
      hint: "use 'partition.time-extractor.timestamp-pattern'",
    });
  }
  if (options.word("sink.partition-commit.trigger") === "process-time") {
    return {
      successFile,
      isComplete: (partition, now) => delayMillis === 0 || now > partition.createdMillis + delayMillis,
    };
  }
  const zone = options.required("sink.partition-commit.watermark-time-zone");
  if (!isValidZone(zone))
    throw invalidOption("sink.partition-commit.watermark-time-zone", zone, "a time zone such as 'Asia/Shanghai'");
  const pattern = options.text("partition.time-extractor.timestamp-pattern");
  const formatter = options.text("partition.time-extractor.timestamp-formatter");
  const custom = formatter === "yyyy-MM-dd HH:mm:ss" ? undefined : formatter;
  if (custom !== undefined) timePattern(custom, "partition.time-extractor.timestamp-formatter");
  return {
    successFile,
    isComplete: ({ partition }, _now, watermark) =>
      watermark > localToInstant(zone, partitionTimeMillis(partition, pattern, custom)) + delayMillis,
  };
}

function successFileName(options: OptionReader): string | undefined {
  const kinds = options.text("sink.partition-commit.policy.kind");
  if (kinds === undefined) return undefined;
  for (const kind of kinds.split(",").map((text) => text.trim().toLowerCase())) {
    if (kind === "metastore" || kind === "custom") {
      throw new SqlError("UNSUPPORTED", `option 'sink.partition-commit.policy.kind' = '${kind}'`, {
        hint:
          kind === "metastore"
            ? "there is no metastore; use 'success-file'"
            : "Java classes cannot be loaded; use 'success-file'",
      });
    }
    if (kind !== "success-file") throw invalidOption("sink.partition-commit.policy.kind", kinds, "'success-file'");
  }
  return options.required("sink.partition-commit.success-file.name");
}
