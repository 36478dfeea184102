import { expect, test } from "vitest";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import { refuseUnalignedRescale } from "./unaligned-rescale.ts";

function checkpoint(unaligned: string, kind = "checkpoint", more = {}): CheckpointMetadata {
  return {
    id: 7,
    kind,
    properties: { options: { "execution.checkpointing.unaligned.enabled": unaligned }, ...more },
    snapshots: [{ subtask: 0 }, { subtask: 1 }],
  } as unknown as CheckpointMetadata;
}

test("from an unaligned checkpoint as many threads go on as made it", () => {
  expect(() => refuseUnalignedRescale(checkpoint("true"))).toThrow(
    "checkpoint 7 is unaligned, and was made by 2 threads: another number of threads cannot go on from it",
  );
});

test.each([
  ["an aligned checkpoint", checkpoint("false")],
  ["one that was made with barriers that overtook nothing", checkpoint("true", "checkpoint", { aligned: true })],
  ["a savepoint, whose barrier overtakes nothing", checkpoint("true", "savepoint")],
])("%s: any number goes on", (_, metadata) => {
  expect(() => refuseUnalignedRescale(metadata)).not.toThrow();
});
