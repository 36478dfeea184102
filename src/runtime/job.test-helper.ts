import { SqlError } from "../base/errors.ts";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import { changesOf } from "../batch/changes.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { Connector, Polled, ScanRequest, SinkWriter, Source, TableRequest } from "../connectors/api.ts";
import { testContext } from "../connectors/context.test-helper.ts";
import { column } from "../expressions/expr.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../functions/index.ts";
import { createRegistry } from "../functions/registry.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { T } from "../types/data-type.ts";
import type { DataType, Field } from "../types/data-type.ts";
import { Job } from "./job.ts";
import type { RestoredJob } from "./job.ts";
import type { JobServices } from "./job-services.ts";
import type { OperatorSpec, PhysicalNode } from "./spec.ts";

export const ROWTIME: DataType = { kind: "TIMESTAMP", precision: 3, nullable: true, timeAttribute: "rowtime" };

export const NO_FILE = { compression: "none", bytes: 0, rawBytes: 0, crc32: 0 } as const;

/** A cut with all its answers. */
export async function cutOf(job: Job, id: number): Promise<readonly Acknowledgement[]> {
  const answers: Acknowledgement[] = [];
  await job.cut(id, "checkpoint", (answer) => answers.push(answer));
  return answers;
}

/** The answers of a cut by operator. */
export function byOperator(answers: readonly Acknowledgement[]): Record<string, Acknowledgement> {
  return Object.fromEntries(answers.map((answer) => [answer.operatorId, answer]));
}

/** What a source gives, poll by poll: numbers are rows of one batch, texts as they are, errors are thrown. */
export type Script = readonly (readonly number[] | "idle" | Error)[];

export interface TestSource {
  readonly script: Script;
  readonly bounded?: boolean | undefined;
  /** Answers only on the next turn of the event loop. */
  readonly slow?: boolean | undefined;
  /** Takes what is to be called when rows have arrived. */
  readonly onReady?: ((wake: () => void) => void) | undefined;
  /** Bad records that are reported with the first poll. */
  readonly bad?: readonly string[] | undefined;
}

/** A job over scripted sources of one INT column; `seen` logs what sources, sinks and the end said. */
export class World {
  readonly seen: string[] = [];
  readonly context = testContext();
  readonly #sources: Readonly<Record<string, TestSource>>;
  readonly #sinks: Readonly<Record<string, Partial<SinkWriter>>>;

  constructor(
    sources: Readonly<Record<string, TestSource>>,
    sinks: Readonly<Record<string, Partial<SinkWriter>>> = {},
  ) {
    this.#sources = sources;
    this.#sinks = sinks;
  }

  job(nodes: readonly PhysicalNode[], services: Partial<JobServices> = {}, restored?: RestoredJob): Job {
    return new Job(
      { nodes },
      {
        functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
        session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
        compileExpressions: true,
        connectorOf: (request) => this.connectorOf(request),
        connectors: this.context,
        run: { jobName: "j", runId: "r", attempt: 1 },
        stateFor: (id) => ({
          state: createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 128 }),
          freeze: () => ({ write: async () => [{ path: `frozen ${id}`, ...NO_FILE }], release: () => undefined }),
        }),
        batchRows: 2,
        ...services,
      },
      restored,
    );
  }

  connectorOf({ table }: TableRequest): Connector {
    return {
      name: table,
      options: [],
      metadata: [],
      sinkMode: "all",
      source: (request) => this.#source(table, request),
      sink: () => ({
        guarantee: "exactly-once",
        openWriter: (_subtask, restored) => {
          this.seen.push(`${table}: open ${JSON.stringify(restored)}`);
          return {
            write: (batch) => {
              for (const { kind, row } of changesOf(
                batch,
                batch.columns.map((_, i) => (i === 0 ? T.int() : T.string())),
              ))
                this.seen.push(`${table}: ${kind} ${String(row[0])}`);
            },
            prepareCommit: (id, final) => ({ committables: [id], state: `${table} at ${id}${final ? ", final" : ""}` }),
            close: (aborted) => void this.seen.push(`${table}: ${aborted ? "aborted" : "closed"}`),
            ...this.#sinks[table],
          };
        },
        commit: async (id) => void this.seen.push(`${table}: commit ${id}`),
        discardAfter: async (id) => void this.seen.push(`${table}: discard after ${id}`),
      }),
    };
  }

  #source(table: string, request: ScanRequest): Source {
    const { script, bounded = true, slow = false, bad = [], onReady } = this.#sources[table]!;
    return {
      bounded,
      ...(onReady === undefined ? {} : { onReady }),
      discoverSplits: async () => [{ id: "only", data: null }],
      openSplit: (_split, position) => {
        let next = typeof position === "number" ? position : 0;
        const poll = (): Polled => {
          if (next === 0)
            for (const raw of bad) request.onBadRecord?.({ raw, reason: "bad", offset: 0, source: table });
          const answer = script[next];
          if (answer === undefined) return bounded ? "end" : "idle";
          next += 1;
          if (answer instanceof Error) throw answer;
          if (answer === "idle") return "idle";
          this.seen.push(`${table}: read ${answer.join(" ")}`);
          return {
            rowCount: answer.length,
            columns: request.columns.map((c) => columnOf(c.type, [...answer])),
            kinds: undefined,
            steps: undefined,
          };
        };
        return {
          poll: () => (slow ? new Promise<Polled>((resolve) => setImmediate(() => resolve(poll()))) : poll()),
          position: () => next,
          close: () => void this.seen.push(`${table}: reader closed`),
        };
      },
      counters: () => ({ polls: 1 }),
    };
  }
}

export const INT: readonly Field[] = [{ name: "x", type: T.int() }];

export function table(name: string): TableRequest {
  return { table: name, physical: INT, primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" };
}

export function node(
  id: string,
  spec: OperatorSpec,
  inputs: readonly string[],
  fields: readonly Field[] = INT,
): PhysicalNode {
  return { id, spec, inputs: inputs.map((from) => ({ from, exchange: { kind: "forward" } })), description: id, fields };
}

export function scan(
  name: string,
  more: Partial<Extract<OperatorSpec, { kind: "scan" }>> = {},
  fields = INT,
): PhysicalNode {
  const columns = fields.map(({ name: path, type }) => ({ kind: "physical" as const, path: [path], type }));
  return node(name, { kind: "scan", table: table(name), columns, bounded: true, ...more }, [], fields);
}

export function sink(name: string, input: string): PhysicalNode {
  return node(
    name,
    {
      kind: "sink",
      fields: INT,
      target: { type: "table", table: table(name) },
      notNull: [],
      notNullMode: "error",
      lengthMode: "ignore",
    },
    [input],
  );
}

export function union(...inputs: readonly string[]): PhysicalNode {
  return node("union", { kind: "union", types: [T.int()] }, inputs);
}

/** A source of times in millis, with a watermark behind it. */
export function timed(name: string): readonly PhysicalNode[] {
  const times: readonly Field[] = [{ name: "x", type: ROWTIME }];
  const spec: OperatorSpec = {
    kind: "watermark",
    input: [ROWTIME],
    rowtime: 0,
    expression: column(0, ROWTIME),
    intervalMillis: 0,
    onEvent: true,
    idleTimeoutMillis: 0,
  };
  return [scan(name, {}, times), node(`${name}.w`, spec, [name], times)];
}

export async function finish(job: Job): Promise<string> {
  await job.open(true);
  try {
    const status = await job.run();
    await job.close(false);
    return status;
  } catch (error) {
    await job.close(true);
    return error instanceof SqlError ? `${error.code} ${error.message}` : String(error);
  }
}

export const reads = (world: World): readonly string[] =>
  world.seen.filter((line) => line.includes(": read ")).map((line) => line.replace(": read ", " "));
