import { expect, test } from "vitest";
import { changesOf } from "../batch/changes.ts";
import { batchOf } from "../batch/text.ts";
import { stepsOf } from "../batch/steps.ts";
import type { Connector } from "../connectors/api.ts";
import { testContext } from "../connectors/context.test-helper.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../functions/index.ts";
import { createRegistry } from "../functions/registry.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { T } from "../types/data-type.ts";
import { encodeBatch } from "./exchange/batch-codec.ts";
import { decodeInFlight, encodeInFlight, type InFlight } from "./exchange/in-flight.ts";
import type { Network, NetworkListener } from "./exchange/network.ts";
import { Job } from "./job.ts";
import type { JobGraph, OperatorSpec } from "./spec.ts";

const TYPES = [T.string(), T.timestamp(3)];
const TABLE = { table: "t", physical: [], primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" };

/** A count by key in windows of 10 millis, behind an exchange. */
const GRAPH = {
  nodes: [
    { id: "from", spec: { kind: "scan", table: TABLE, columns: [], bounded: true }, inputs: [] },
    {
      id: "windows",
      spec: {
        kind: "window-aggregate",
        input: TYPES,
        window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 },
        time: 1,
        keys: [0],
        aggregates: [
          {
            function: "COUNT",
            args: [],
            argTypes: [],
            literals: [],
            distinct: false,
            result: T.bigint(false),
            name: "n",
          },
        ],
        retracting: false,
        properties: ["end"],
      } satisfies OperatorSpec,
      inputs: [{ from: "from", exchange: { kind: "hash", keys: [0] } }],
    },
    {
      id: "to",
      spec: { kind: "sink", target: { type: "table", table: TABLE }, fields: [], notNull: [], lengthMode: "ignore" },
      inputs: [{ from: "windows", exchange: { kind: "forward" } }],
    },
  ].map((node, i) => ({
    ...node,
    description: node.id,
    fields: i === 0 ? TYPES.map((type, c) => ({ name: `c${c}`, type })) : [],
  })),
} as unknown as JobGraph;

/** A thread of two that goes on with these elements in flight to it; the other one has nothing to read, and says so first. */
async function goOn(elements: readonly InFlight[]): Promise<{ written: string[]; counters: object }> {
  const written: string[] = [];
  const connector: Connector = {
    name: "log",
    options: [],
    metadata: [],
    sinkMode: "all",
    source: () => ({
      bounded: true,
      discoverSplits: async () => [],
      openSplit: () => {
        throw new Error("there are no splits");
      },
    }),
    sink: () => ({
      guarantee: "exactly-once",
      openWriter: () => ({
        write: (batch) => {
          for (const { row } of changesOf(batch, [T.string(), T.bigint(), T.timestamp(3)])) written.push(row.join(" "));
        },
        prepareCommit: () => ({ committables: [], state: null }),
        close: () => undefined,
      }),
    }),
  };
  let listener: NetworkListener | undefined;
  const network: Network = {
    subtask: 0,
    parallelism: 2,
    maxParallelism: 2,
    listen: (own) => void (listener = own),
    send: (target, exchange, element) => {
      if (target === 0) listener!.element(0, exchange, element);
    },
    credit: () => undefined,
    flush: () => undefined,
    opened: () => undefined,
    poll: () => undefined,
    close: () => undefined,
  };
  // As a file is read: a piece of a larger memory.
  const inFlight = decodeInFlight(Buffer.from(encodeInFlight(elements)));
  const job = new Job(
    GRAPH,
    {
      functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
      session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
      compileExpressions: true,
      connectorOf: () => connector,
      connectors: testContext(),
      run: { jobName: "j", runId: "r", attempt: 1 },
      stateFor: () => ({
        state: createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 2 }),
        freeze: () => undefined,
      }),
      batchRows: 10,
      network,
      splitsOf: () => [],
    },
    { checkpointId: 1, sources: {}, gates: {}, sinks: {}, inFlight: { windows: inFlight } },
  );
  // The other thread has opened before, and has nothing to read.
  const end = { ...batchOf(TYPES, ""), steps: stepsOf([[0, Infinity]]) };
  listener!.element(1, 0, { kind: "batch", buffer: encodeBatch(end, undefined, 0, end.steps) });
  listener!.element(1, 0, { kind: "end" });
  await job.open(false);
  expect(await job.run()).toBe("finished");
  await job.close(false);
  return { written: written.sort(), counters: job.progress().counters };
}

const rows = (sender: number, text: string, steps: readonly (readonly [number, number])[] = []): InFlight => {
  const batch = batchOf(TYPES, text);
  return {
    input: 0,
    sender,
    buffer: encodeBatch(batch, undefined, batch.rowCount, steps.length === 0 ? undefined : stepsOf(steps)),
  };
};

test("rows in flight come in front of what other threads send while this one opens", async () => {
  expect(await goOn([rows(1, "a 5\nb 7"), rows(1, "a 8")])).toEqual({ written: ["a 2 10", "b 1 10"], counters: {} });
});

test("rows in flight that were late when the checkpoint overtook them are late again", async () => {
  const inFlight = [rows(0, "a 5\na 25\na 6", [[2, 20]])];
  // As long as the other channel counts, its watermark holds this one's back.
  expect(await goOn(inFlight)).toEqual({ written: ["a 1 30", "a 2 10"], counters: {} });
  expect(await goOn([{ input: 0, sender: 1, idle: true }, ...inFlight])).toEqual({
    written: ["a 1 10", "a 1 30"],
    counters: { lateRows: 1 },
  });
});
