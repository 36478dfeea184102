import { expect, test } from "vitest";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import { refuseUnalignedRescale } from "./unaligned-rescale.ts";

function checkpoint(unaligned: string, kind = "checkpoint"): CheckpointMetadata {
  return {
    id: 7,
    kind,
    properties: { options: { "execution.checkpointing.unaligned.enabled": unaligned } },
    snapshots: [{ subtask: 0 }, { subtask: 1 }],
  } as unknown as CheckpointMetadata;
}

test("an unaligned checkpoint keeps its number of threads", () => {
  expect(() => refuseUnalignedRescale(checkpoint("true"))).toThrow(
    "checkpoint 7 is unaligned, and was made by 2 threads: another number of threads cannot go on from it",
  );
});

test.each([
  ["an aligned checkpoint", checkpoint("false")],
  ["a savepoint, whose barrier overtakes nothing", checkpoint("true", "savepoint")],
])("%s: any number goes on", (_, metadata) => {
  expect(() => refuseUnalignedRescale(metadata)).not.toThrow();
});
