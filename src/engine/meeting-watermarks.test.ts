import { expect, test } from "vitest";
import type { CheckpointMetadata, SubtaskSnapshot } from "../checkpoint/metadata.ts";
import type { JobGraph, PhysicalNode } from "../runtime/spec.ts";
import { checkMeetingWatermarks } from "./meeting-watermarks.ts";

const GRAPH = {
  nodes: [
    {
      id: "window-aggregate-1",
      spec: { kind: "window-aggregate" },
      inputs: [{ from: "calc", exchange: { kind: "hash", keys: [0] } }],
      description: "WindowAggregate(…)",
    } as unknown as PhysicalNode,
  ],
} satisfies JobGraph;

function snapshot(subtask: number, watermark: number): SubtaskSnapshot {
  return {
    operatorId: "window-aggregate-1",
    subtask,
    stateFiles: [{ path: `${subtask}.state`, compression: "none", bytes: 1, rawBytes: 1, crc32: 0 }],
    positions: {},
    committables: [],
    sinkState: null,
    extra: { gate: ["-Infinity", String(watermark)] },
  };
}

function checkpoint(watermarks: readonly number[], unaligned: string, kind = "checkpoint"): CheckpointMetadata {
  return {
    id: 7,
    kind,
    properties: { options: { "execution.checkpointing.unaligned.enabled": unaligned } },
    snapshots: watermarks.map((watermark, i) => snapshot(i, watermark)),
  } as unknown as CheckpointMetadata;
}

test("threads of an unaligned checkpoint that stand at different watermarks keep their number", () => {
  expect(() => checkMeetingWatermarks(checkpoint([5000, 9000], "true"), GRAPH)).toThrow(
    "checkpoint 7 is unaligned, and its 2 threads stand at different watermarks in WindowAggregate(…)",
  );
});

test.each([
  ["at one watermark", checkpoint([5000, 5000], "true")],
  ["an aligned checkpoint", checkpoint([5000, 9000], "false")],
  ["a savepoint, whose barrier overtakes nothing", checkpoint([5000, 9000], "true", "savepoint")],
])("%s: any number goes on", (_, metadata) => {
  expect(() => checkMeetingWatermarks(metadata, GRAPH)).not.toThrow();
});
