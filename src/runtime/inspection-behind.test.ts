import { expect, test } from "vitest";
import { changesOf } from "../batch/changes.ts";
import { stepsOf } from "../batch/steps.ts";
import { batchOf } from "../batch/text.ts";
import type { Connector } from "../connectors/api.ts";
import { testContext } from "../connectors/context.test-helper.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../functions/index.ts";
import { createRegistry } from "../functions/registry.ts";
import { ROCKSDB } from "../state/rocksdb/backend.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "../state/rocksdb/test-support.ts";
import { T } from "../types/data-type.ts";
import { Harness } from "./harness.ts";
import { Job } from "./job.ts";
import { call } from "./operators/test-support.ts";
import type { JobGraph, OperatorSpec } from "./spec.ts";

const ROW = [T.string(), T.timestamp(3)];
const TABLE = { table: "t", physical: [], primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" };

const OVER = {
  kind: "over",
  input: ROW,
  partition: [0],
  order: { by: "rowtime", column: 1 },
  frame: { units: "RANGE", preceding: "unbounded" },
  aggregates: [call("COUNT", [], T.bigint(false))],
  retracting: false,
  ttlMillis: 0,
} satisfies OperatorSpec;

const SORT = {
  kind: "sort",
  input: ROW,
  time: 1,
  order: [{ column: 1, descending: false, nullsFirst: true }],
} satisfies OperatorSpec;

function graphOf(spec: OperatorSpec): JobGraph {
  const nodes = [
    { id: "from", spec: { kind: "scan", table: TABLE, columns: [], bounded: true }, inputs: [] },
    { id: "op", spec, inputs: [{ from: "from", exchange: { kind: "forward" } }] },
    {
      id: "to",
      spec: { kind: "sink", target: { type: "table", table: TABLE }, fields: [], notNull: [], lengthMode: "ignore" },
      inputs: [{ from: "op", exchange: { kind: "forward" } }],
    },
  ];
  const fields = ROW.map((type, c) => ({ name: `c${c}`, type }));
  return { nodes: nodes.map((node, i) => ({ ...node, description: node.id, fields: i === 0 ? fields : [] })) } as never;
}

/** A job whose source has nothing more; rows that come out are written down. */
function connectorTo(written: string[], count: number): Connector {
  return {
    name: "log",
    options: [],
    metadata: [],
    sinkMode: "all",
    source: () => ({
      bounded: true,
      discoverSplits: async () => [],
      openSplit: () => expect.fail("there is no split"),
    }),
    sink: () => ({
      guarantee: "exactly-once",
      openWriter: () => ({
        write: (batch) => {
          for (const { row } of changesOf(batch, [...ROW, T.bigint()].slice(0, count))) written.push(row.join(" "));
        },
        prepareCommit: () => ({ committables: [], state: null }),
        close: () => undefined,
      }),
    }),
  };
}

test.each([
  ["OVER", OVER, [...ROW, T.bigint()]],
  ["a sort", SORT, ROW],
] as const)(
  "%s that is looked at before its state is near has its waiting rows all the same",
  async (_, spec, output) => {
    await withFolder(async (folder) => {
      const before = await opened(ROCKSDB, `${folder}/a`);
      const state = before.operatorState("op");
      const harness = new Harness(spec, { output, state: state.state });
      await harness.pushAwaited(batchOf(ROW, "+I a 5\n+I b 7\n+I a 9", stepsOf([[3, 4]])));
      const restore = await checkpointOf(memoryRun(), 1, [[["op", state]]]);
      await before.close();

      const written: string[] = [];
      const connector = connectorTo(written, output.length);
      const behind = await opened(ROCKSDB, `${folder}/b`, { restore });
      const job = new Job(
        graphOf(spec),
        {
          functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
          session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
          compileExpressions: true,
          connectorOf: () => connector,
          connectors: testContext(),
          run: { jobName: "j", runId: "r", attempt: 1 },
          stateFor: (id) => behind.operatorState(id),
          batchRows: 10,
        },
        { checkpointId: 1, sources: {}, gates: {}, sinks: {}, inFlight: {} },
      );
      await job.open(false);
      expect((await job.inspect()).find(({ id }) => id === "op")).toMatchObject({ waiting: undefined });
      expect(await job.run()).toBe("finished");
      await job.close(false);
      await behind.close();
      expect(written).toHaveLength(3);
    });
  },
);
