import { expect, test, vi } from "vitest";
import { commitAnswers } from "../../checkpoint/coordinator.ts";
import type { Acknowledgement } from "../../checkpoint/participant.ts";
import type { Connector } from "../../connectors/api.ts";
import { testContext } from "../../connectors/context.test-helper.ts";
import type { JobGraph } from "../../runtime/spec.ts";
import { T } from "../../types/data-type.ts";
import type { ThreadSetup } from "./protocol.ts";
import type { ThreadListener } from "./thread.ts";
import { ThreadedJob, type ThreadedSetup } from "./threaded-job.ts";

const seen: string[] = vi.hoisted(() => []);

/** Each thread answers with a position in the splits that it was given; nothing runs. */
vi.mock("./thread.ts", () => ({
  JobThread: class {
    readonly #setup: ThreadSetup;
    readonly #listener: ThreadListener;

    constructor(setup: ThreadSetup, listener: ThreadListener) {
      this.#setup = setup;
      this.#listener = listener;
    }

    async open(): Promise<void> {}

    async cut(checkpointId: number): Promise<void> {
      const { subtask, splits } = this.#setup;
      const positions = Object.fromEntries((splits["from"] ?? []).map(({ id }) => [id, `by ${subtask}`]));
      this.#listener.answer({ checkpointId, operatorId: "from", subtask, positions });
      this.#listener.answer({ checkpointId, operatorId: "to", subtask, committables: [subtask] });
    }

    async committed(sinkId: string, checkpointId: number): Promise<void> {
      seen.push(`writer ${sinkId} of ${this.#setup.subtask}: ${checkpointId}`);
    }

    async close(): Promise<void> {}
  },
}));

const TABLE = { table: "t", physical: [], primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" };

const CONNECTOR: Connector = {
  name: "log",
  options: [],
  metadata: [],
  sinkMode: "all",
  source: () => ({
    bounded: true,
    discoverSplits: async () => ["w", "x", "y", "z"].map((id) => ({ id, data: null })),
    openSplit: () => {
      throw new Error("the coordinating thread reads nothing");
    },
    checkpointComplete: async (id, positions) =>
      void seen.push(`source: ${id} ${JSON.stringify(Object.fromEntries(positions))}`),
  }),
  sink: () => ({
    guarantee: "exactly-once",
    openWriter: () => {
      throw new Error("the coordinating thread writes nothing");
    },
    commit: async (id, committables) => void seen.push(`commit: ${id} ${JSON.stringify(committables)}`),
  }),
};

test("of several threads every writer hears of a commit, and the source where all splits stood", async () => {
  const graph = {
    nodes: [
      { id: "from", spec: { kind: "scan", table: TABLE, columns: [] }, inputs: [], description: "", fields: [] },
      {
        id: "to",
        spec: { kind: "sink", target: { type: "table", table: TABLE }, fields: [{ name: "a", type: T.int() }] },
        inputs: [{ from: "from", exchange: { kind: "forward" } }],
        description: "",
        fields: [],
      },
    ],
  } as unknown as JobGraph;
  const services = {
    connectorOf: () => CONNECTOR,
    connectors: testContext(),
    run: { jobName: "j", runId: "r", attempt: 1 },
  } as unknown as ThreadedSetup["services"];
  const job = new ThreadedJob({
    graph,
    values: new Map(),
    session: { values: new Map(), baseDirectory: "/", functions: [], extensions: [], fixedMillis: undefined },
    services,
    parallelism: 3,
    maxParallelism: 128,
    workDirectory: "/nowhere",
    restore: undefined,
    alignBarriers: true,
    unalignedBarriers: false,
    reportsRows: false,
  });
  // Before the threads are there, as after a restore, only the sink commits again.
  await commitAnswers(4, [], job.listeners());
  expect(seen.splice(0)).toEqual(["source: 4 {}"]);

  await job.open(true);
  const answers: Acknowledgement[] = [];
  await job.cut(5, "checkpoint", (answer) => answers.push(answer));
  expect(seen).toEqual([]);
  await commitAnswers(5, answers, job.listeners());
  expect(seen).toEqual([
    "commit: 5 [0,1,2]",
    "writer to of 0: 5",
    "writer to of 1: 5",
    "writer to of 2: 5",
    'source: 5 {"w":"by 0","z":"by 0","x":"by 1","y":"by 2"}',
  ]);
  await job.close(false);
});
