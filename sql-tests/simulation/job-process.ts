import { SqlError } from "../../src/base/errors.ts";
import type { Connector, ScanRequest, Source } from "../../src/connectors/api.ts";
import { BUILTINS } from "../../src/engine/builtin.ts";
import { execute } from "../../src/engine/execute.ts";
import { asSqlError } from "../../src/engine/failures.ts";
import { Session } from "../../src/engine/session.ts";
import { parseScript } from "../../src/parser/index.ts";
import type { Weather } from "./machine.ts";
import { machineOf } from "./machine.ts";
import type { SimulatedProcess, World } from "./world.ts";
import { thisProcess } from "./world.ts";

export const OUT = "/sim/out";
export const CHECKPOINTS = "/sim/checkpoints";

/** What a process runs, and what may happen to it from inside. */
export interface JobSetup {
  readonly script: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly weather: Weather;
  /** Asked before each read of a source; true: it fails, in a way that another try may mend. */
  taskFails(): boolean;
  /** Notes for the user. */
  heard(text: string): void;
}

/** A process at work on a script, as `millrace run job.sql --from latest`. */
export interface JobProcess {
  readonly process: SimulatedProcess;
  /** How it ended; undefined: not yet, or it was killed. */
  outcome(): "finished" | SqlError | undefined;
}

/** Starts a process on a host of the world. */
export function startJob(world: World, host: string, setup: JobSetup): JobProcess {
  let outcome: "finished" | SqlError | undefined;
  const process = world.start(host, async () => {
    try {
      await runScript(world, setup);
      outcome = "finished";
    } catch (error) {
      // What the code of a killed process goes through is nobody's business.
      if (thisProcess().state !== "dead") outcome = asSqlError(error);
    }
  });
  return { process, outcome: () => outcome };
}

async function runScript(world: World, setup: JobSetup): Promise<void> {
  const session = new Session({
    builtins: BUILTINS,
    config: new Map(
      Object.entries({
        ...setup.settings,
        "execution.checkpointing.dir": CHECKPOINTS,
        // Compressors run in threads, whose time is not the world's.
        "execution.checkpointing.compression": "none",
        "pipeline.name": "job",
        "table.exec.compile-expressions": "false",
      }),
    ),
    baseDirectory: "/sim",
    stdout: () => undefined,
    stderr: () => undefined,
    connectorFor: (_, actual) => slowed(world, actual!, setup),
    machine: machineOf(world, thisProcess(), setup.weather),
  });
  const launcher = { from: { latest: true as const }, note: (text: string) => setup.heard(text) };
  for (const statement of parseScript(setup.script)) {
    const result = await execute(statement, session, launcher, {
      onQuery: () => {
        throw new SqlError("BUG", "no scenario has a query");
      },
    });
    if (result.kind !== "job") continue;
    const outcome = await result.job.done;
    if (outcome.status === "failed") throw outcome.error;
  }
}

/** The connector with sources that take their time, and sometimes fail. */
function slowed(world: World, actual: Connector, setup: JobSetup): Connector {
  return {
    ...actual,
    source: (request: ScanRequest, context): Source => {
      const source = actual.source!(request, context);
      return {
        bounded: source.bounded,
        discoverSplits: async (known) => source.discoverSplits(known),
        openSplit: async (split, position) => {
          const reader = await source.openSplit(split, position);
          return {
            poll: async (maxRows) => {
              const process = thisProcess();
              await new Promise<void>((resolve) => world.schedule(process, world.between(0.1, 4), resolve));
              if (setup.taskFails()) throw new SqlError("IO", "the source is gone for a moment", { retryable: true });
              return await reader.poll(maxRows);
            },
            position: () => reader.position(),
            close: () => reader.close(),
          };
        },
      };
    },
  };
}
