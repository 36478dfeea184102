import { columnOf } from "../../batch/column-builder.ts";
import { changesOf } from "../../batch/changes.ts";
import { CheckpointCoordinator, commitRestored } from "../../checkpoint/coordinator.ts";
import { MemoryRun } from "../../checkpoint/memory-storage.ts";
import type { Acknowledgement, CompletionListener } from "../../checkpoint/participant.ts";
import { systemTimer } from "../../checkpoint/timer.ts";
import type { Connector, Sink, Source } from "../../connectors/api.ts";
import { parseScript } from "../../parser/index.ts";
import { sinkListener } from "../../runtime/completion.ts";
import { SimulatedNetwork } from "../../runtime/exchange/simulated-network.test-helper.ts";
import type { Job, RunningJob } from "../../runtime/job.ts";
import { withLocalPhases } from "../../runtime/local-phases.ts";
import type { JobGraph } from "../../runtime/spec.ts";
import type { Value } from "../../types/data-type.ts";
import { BUILTINS } from "../builtin.ts";
import { execute, planStatement } from "../execute.ts";
import { createLocalJob } from "../local-job.ts";
import { participantsOf } from "../participants.ts";
import { Session } from "../session.ts";
import { SplitDealer } from "./splits.ts";

const MAX_PARALLELISM = 128;

/** What the tables of a simulation hold, beyond all attempts of its jobs. */
export class SimulatedWorld {
  /** Committed changes by table, `+I[…]`. */
  readonly visible = new Map<string, string[]>();
  readonly #committed = new Set<string>();
  readonly #splits: readonly (readonly (readonly Value[])[])[];
  /** So many rows may be read by now, over all splits and attempts. */
  allowed = Infinity;
  #read = 0;
  readonly run = new MemoryRun("job", "run");

  readonly #pause: () => Promise<void>;

  /** `splits`: the rows of the source's splits. `pause`: how long it takes to open a writer. */
  constructor(splits: readonly (readonly (readonly Value[])[])[], pause: () => Promise<void>) {
    this.#splits = splits;
    this.#pause = pause;
  }

  get read(): number {
    return this.#read;
  }

  get connectors(): readonly Connector[] {
    const common = { options: [], metadata: [], sinkMode: "all" } as const;
    return [
      { ...common, name: "rows", isBounded: () => true, source: ({ columns }) => this.#source(columns) },
      { ...common, name: "kept", sink: ({ table, physical }) => this.#sink(table.split(".").at(-1)!, physical) },
    ];
  }

  #source(columns: Parameters<NonNullable<Connector["source"]>>[0]["columns"]): Source {
    const names = ["k", "v", "ts"];
    const at = columns.map((c) => (c.kind === "physical" ? names.indexOf(c.path[0]!) : -1));
    return {
      bounded: true,
      discoverSplits: async () => this.#splits.map((_, i) => ({ id: `split ${i}`, data: i })),
      openSplit: async ({ data }, position) => {
        await this.#pause();
        const rows = this.#splits[data as number]!;
        let next = (position as number | undefined) ?? 0;
        return {
          poll: (maxRows) => {
            if (next >= rows.length) return "end";
            const chosen = rows.slice(next, next + Math.min(maxRows, this.allowed - this.#read));
            if (chosen.length === 0) return "idle";
            next += chosen.length;
            this.#read += chosen.length;
            return {
              rowCount: chosen.length,
              columns: columns.map((c, i) =>
                columnOf(
                  c.type,
                  chosen.map((row) => row[at[i]!]!),
                ),
              ),
              kinds: undefined,
              steps: undefined,
            };
          },
          position: () => next,
          close: () => undefined,
        };
      },
    };
  }

  #sink(table: string, fields: Parameters<NonNullable<Connector["sink"]>>[0]["physical"]): Sink {
    const types = fields.map((f) => f.type);
    return {
      guarantee: "exactly-once",
      openWriter: async () => {
        await this.#pause();
        let lines: string[] = [];
        return {
          write: (batch) => {
            for (const { kind, row } of changesOf(batch, types)) lines.push(`${kind}[${row.map(String).join(", ")}]`);
          },
          prepareCommit: () => {
            const committables = lines;
            lines = [];
            return { committables, state: null };
          },
          close: () => undefined,
        };
      },
      commit: async (id, committables) => {
        if (this.#committed.has(`${table} ${id}`)) return;
        this.#committed.add(`${table} ${id}`);
        this.visible.set(table, [...(this.visible.get(table) ?? []), ...(committables as readonly string[])]);
      },
    };
  }
}

export interface SimulationOptions {
  readonly parallelism: number;
  readonly random: () => number;
  /** How likely a parcel between two threads is to arrive at a turn of the event loop. */
  readonly speed: number;
  readonly unaligned: boolean;
  readonly batchRows: number;
}

/** One attempt of a job: all its threads in this one, from the newest checkpoint of the world's run. */
export class SimulatedThreads {
  readonly coordinator: CheckpointCoordinator;
  readonly #jobs: readonly Job[];
  readonly #network: SimulatedNetwork | undefined;
  readonly #closeBackends: () => Promise<void>;
  readonly failed: Promise<never>;

  static async open(world: SimulatedWorld, sql: string, options: SimulationOptions): Promise<SimulatedThreads> {
    const { parallelism, random } = options;
    const session = new Session({
      builtins: { ...BUILTINS, connectors: world.connectors },
      config: new Map(),
      baseDirectory: "/",
      stdout: () => undefined,
      stderr: () => undefined,
    });
    let graph: JobGraph | undefined;
    for (const statement of parseScript(sql)) {
      graph = planStatement(statement, session)?.graph;
      if (graph === undefined)
        await execute(statement, session, { note: () => undefined }, { onQuery: () => ({ batch: () => undefined }) });
    }
    const planned = parallelism > 1 ? withLocalPhases(graph!, session.functions) : graph!;
    const restore = await world.run.newest();
    const services = {
      functions: session.functions,
      session: session.facts(),
      compileExpressions: true,
      connectorOf: (table: Parameters<Session["connectorOf"]>[0]) => session.connectorOf(table),
      connectors: session.connectorContext(),
      run: { jobName: "job", runId: "run", attempt: 1 },
      batchRows: options.batchRows,
      alignBarriers: true,
      unalignedBarriers: options.unaligned,
    };
    const dealer = new SplitDealer(planned, services, parallelism);
    const splits = await dealer.begin(planned, restore?.metadata);
    const network =
      parallelism === 1 ? undefined : new SimulatedNetwork(parallelism, MAX_PARALLELISM, random, options.speed);
    const created: Awaited<ReturnType<typeof createLocalJob>>[] = [];
    for (let subtask = 0; subtask < parallelism; subtask++)
      created.push(
        await createLocalJob({
          graph: planned,
          services: {
            ...services,
            network: network?.networks[subtask],
            ...(network === undefined ? {} : { splitsOf: (id: string) => splits[subtask]![id] ?? [] }),
          },
          values: new Map(),
          workDirectory: "/nowhere",
          nowMillis: () => 0,
          maxParallelism: MAX_PARALLELISM,
          subtask,
          parallelism,
          restore,
        }),
      );
    const jobs = created.map(({ job }) => job);
    const sinks = planned.nodes.flatMap(({ id, spec }): CompletionListener[] => {
      if (spec.kind !== "sink" || spec.target.type !== "table") return [];
      const { table } = spec.target;
      const sink = session.connectorOf(table).sink!(table, services.connectors, { ...services.run, operatorId: id });
      return [
        sinkListener(id, sink, async (checkpointId) => {
          for (const job of jobs) await job.committed(id, checkpointId);
        }),
      ];
    });
    if (restore !== undefined) await commitRestored(restore.metadata, sinks);
    await Promise.all(jobs.map(async (job) => await job.open(restore === undefined)));
    return new SimulatedThreads(
      jobs,
      sinks,
      network,
      world.run,
      (await world.run.highestId()) + 1,
      options.unaligned,
      async () => {
        for (const { backend } of created) await backend.close();
      },
    );
  }

  private constructor(
    jobs: readonly Job[],
    listeners: readonly CompletionListener[],
    network: SimulatedNetwork | undefined,
    run: MemoryRun,
    firstId: number,
    unaligned: boolean,
    closeBackends: () => Promise<void>,
  ) {
    this.#jobs = jobs;
    this.#network = network;
    this.#closeBackends = closeBackends;
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise((_, reject) => (fail = reject));
    this.failed.catch(() => undefined);
    const whole: Pick<RunningJob, "cut" | "subtasks"> = {
      cut: async (id, kind, take: (answer: Acknowledgement) => void) => {
        await Promise.all(jobs.map(async (job) => await job.cut(id, kind, take)));
      },
      subtasks: () => jobs.flatMap((job) => job.subtasks()),
    };
    this.coordinator = new CheckpointCoordinator({
      run,
      options: { intervalMillis: 0, minPauseMillis: 0, timeoutMillis: 60_000, tolerableFailures: 0, retained: 2 },
      timer: systemTimer,
      participants: participantsOf(whole as RunningJob, () => this.coordinator),
      listeners,
      maxParallelism: MAX_PARALLELISM,
      properties: { options: { "execution.checkpointing.unaligned.enabled": String(unaligned) } },
      firstId,
      onFatal: fail,
      onWarning: () => undefined,
    });
    this.coordinator.start();
  }

  /** Resolves when all input has been worked on and what came of it is committed. */
  async toTheEnd(): Promise<void> {
    await Promise.race([Promise.all(this.#jobs.map(async (job) => await job.run())), this.failed]);
    await this.coordinator.trigger("final");
    await this.#close(false);
  }

  /** Runs on while `during` does its work; then it is as if the process had died. */
  async until(during: () => Promise<unknown>): Promise<void> {
    const running = Promise.all(this.#jobs.map(async (job) => await job.run()));
    running.catch(() => undefined);
    await Promise.race([during(), this.failed, running.then(async () => await new Promise<never>(() => undefined))]);
    await this.#close(true);
  }

  async #close(aborted: boolean): Promise<void> {
    await this.coordinator.stop();
    await Promise.all(this.#jobs.map(async (job) => await job.close(aborted)));
    this.#network?.close();
    await this.#closeBackends();
  }
}
