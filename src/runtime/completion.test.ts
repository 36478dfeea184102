import { expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { columnOf } from "../batch/column-builder.ts";
import { commitAnswers } from "../checkpoint/coordinator.ts";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import { testContext } from "../connectors/context.test-helper.ts";
import type { Connector, SinkWriter, Source } from "../connectors/api.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../functions/index.ts";
import { createRegistry } from "../functions/registry.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { T } from "../types/data-type.ts";
import { Job } from "./job.ts";
import type { RestoredJob } from "./job.ts";
import type { PhysicalNode } from "./spec.ts";

const TABLE = {
  table: "t",
  physical: [],
  primaryKey: [],
  partitionKeys: [],
  options: { connector: "log" },
  timeZone: "UTC",
};
const FIELDS = [{ name: "a", type: T.int() }];
const GRAPH: readonly PhysicalNode[] = [
  {
    id: "from",
    spec: { kind: "scan", table: TABLE, columns: [{ kind: "physical", path: ["a"], type: T.int() }] },
    inputs: [],
    description: "from",
    fields: FIELDS,
  },
  {
    id: "to",
    spec: {
      kind: "sink",
      input: [T.int()],
      target: { type: "table", table: TABLE },
      fields: FIELDS,
      notNull: [],
      notNullMode: "error",
      lengthMode: "ignore",
    },
    inputs: [{ from: "from", exchange: { kind: "forward" } }],
    description: "to",
    fields: FIELDS,
  },
] as unknown as readonly PhysicalNode[];

/** Splits "x" and "y" of two rows each; `seen`: what the sink and the source heard. */
function world(writer: Partial<SinkWriter> = {}, reports = true) {
  const seen: string[] = [];
  const source = (): Source => ({
    bounded: true,
    discoverSplits: async () => ["x", "y"].map((id) => ({ id, data: null })),
    openSplit: (_split, position) => {
      let next = typeof position === "number" ? position : 0;
      return {
        poll: () => {
          if (next === 2) return "end";
          next += 1;
          return { rowCount: 1, columns: [columnOf(T.int(), [next])], kinds: undefined, steps: undefined };
        },
        position: () => next,
        close: () => undefined,
      };
    },
    ...(reports
      ? {
          checkpointComplete: async (id: number, positions: ReadonlyMap<string, Json>) =>
            void seen.push(`source ${id} ${JSON.stringify(Object.fromEntries(positions))}`),
        }
      : {}),
  });
  const connector: Connector = {
    name: "log",
    options: [],
    metadata: [],
    sinkMode: "all",
    source,
    sink: () => ({
      guarantee: "exactly-once",
      openWriter: () => ({
        write: () => undefined,
        prepareCommit: (id) => ({ committables: [id], state: null }),
        committed: async (id) => void seen.push(`writer ${id}`),
        close: () => undefined,
        ...writer,
      }),
      commit: async (id, committables) => void seen.push(`commit ${id} ${JSON.stringify(committables)}`),
    }),
  };
  let pauseAt = Infinity;
  let reached: () => void = () => undefined;
  const create = (restored?: RestoredJob): Job =>
    new Job(
      { nodes: GRAPH },
      {
        functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
        session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
        compileExpressions: true,
        connectorOf: () => connector,
        connectors: testContext(),
        run: { jobName: "j", runId: "r", attempt: 1 },
        stateFor: () => ({
          state: createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 128 }),
          freeze: () => undefined,
        }),
        batchRows: 1,
        onRows: (now) => {
          if (now < pauseAt) return undefined;
          reached();
          return new Promise(() => undefined);
        },
      },
      restored,
    );
  /** Runs the job until so many rows were read, where it stands still. */
  const runTo = async (job: Job, count: number): Promise<void> => {
    pauseAt = count;
    const there = new Promise<void>((resolve) => (reached = resolve));
    void job.run();
    await there;
  };
  return { seen, create, runTo };
}

async function cut(job: Job, id: number): Promise<readonly Acknowledgement[]> {
  const answers: Acknowledgement[] = [];
  await job.cut(id, "checkpoint", (answer) => answers.push(answer));
  return answers;
}

test("a writer hears of a checkpoint when its sink has committed it, a source where its splits stood", async () => {
  const { seen, create, runTo } = world();
  const job = create();
  await job.open(true);
  await runTo(job, 3);
  const answers = await cut(job, 7);
  expect(seen).toEqual([]);
  await commitAnswers(7, answers, job.listeners());
  expect(seen).toEqual(["commit 7 [7]", "writer 7", 'source 7 {"x":2,"y":1}']);
  await job.close(true);
});

test("a checkpoint that was not completed is not spoken of", async () => {
  const { seen, create, runTo } = world();
  const job = create();
  await job.open(true);
  await runTo(job, 1);
  await cut(job, 1);
  await commitAnswers(2, await cut(job, 2), job.listeners());
  expect(seen).toEqual(["commit 2 [2]", "writer 2", 'source 2 {"x":1}']);
  await job.close(true);
});

test("after a restore the sink commits again; its writers, which are new, do not hear of it", async () => {
  const { seen, create, runTo } = world();
  const first = create();
  await first.open(true);
  await runTo(first, 3);
  const answers = await cut(first, 1);
  await first.close(true);
  const sources = Object.fromEntries(
    answers.flatMap(({ operatorId, extra }) =>
      operatorId === "from" ? [[operatorId, (extra as { readonly source: Json }).source]] : [],
    ),
  );
  const again = create({ checkpointId: 1, sources, gates: {}, sinks: {}, inFlight: {} });
  await commitAnswers(1, answers, again.listeners());
  expect(seen).toEqual(["commit 1 [1]", 'source 1 {"x":2,"y":1}']);
  await again.open(false);
  await runTo(again, 4);
  await commitAnswers(2, await cut(again, 2), again.listeners());
  // Of the split that had ended before, the source was told then.
  expect(seen.slice(2)).toEqual(["commit 2 [2]", "writer 2", 'source 2 {"y":2}']);
  await again.close(true);
});

test("a failure of a writer fails the completion", async () => {
  const { create, runTo } = world({ committed: () => Promise.reject(new Error("no broker")) });
  const job = create();
  await job.open(true);
  await runTo(job, 1);
  const answers = await cut(job, 1);
  await expect(commitAnswers(1, answers, job.listeners())).rejects.toThrow("no broker");
  await job.close(true);
});

test("sources that do not ask are not noted down", async () => {
  const { create, runTo } = world({}, false);
  const job = create();
  await job.open(true);
  await runTo(job, 1);
  expect((await cut(job, 1)).map(({ positions }) => positions)).toEqual([undefined, undefined]);
  await job.close(true);
});
