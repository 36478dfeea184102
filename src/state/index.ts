import { didYouMean } from "../base/suggest.ts";
import { SqlError } from "../base/errors.ts";
import { createOperatorState, type MemoryOperatorState, type OperatorStateOptions } from "./operator-state.ts";

/** Where state lives that is not at hand; in front of every backend stand the same tables in memory. */
export interface StateBackend {
  /** Names of `state.backend.type`; the first is the usual one. */
  readonly names: readonly string[];
  readonly summary: string;
  /** The state of one operator. */
  create(options: OperatorStateOptions): MemoryOperatorState;
}

const memory: StateBackend = {
  names: ["memory", "hashmap"],
  summary: "all state in memory; checkpoints hold all of it",
  create: createOperatorState,
};

const filesystem: StateBackend = {
  names: ["filesystem", "fs"],
  summary: "as memory, with checkpoints in files: the tables are the same, only the checkpoint directory is required",
  create: createOperatorState,
};

/** The list of state backends. */
const STATE_BACKENDS: readonly StateBackend[] = [memory, filesystem];

/** Backends that Flink or the documentation names and this version does not have. */
const NOT_YET: readonly string[] = ["rocksdb", "forst", "hdfs", "s3", "jdbc"];

/** The backend of `state.backend.type`. Throws UNSUPPORTED for a known one that is missing, OPTION_INVALID otherwise. */
export function stateBackend(name: string): StateBackend {
  const wanted = name.toLowerCase();
  const backend = STATE_BACKENDS.find((each) => each.names.includes(wanted));
  if (backend !== undefined) return backend;
  const names = STATE_BACKENDS.flatMap((each) => each.names);
  if (NOT_YET.includes(wanted)) {
    throw new SqlError("UNSUPPORTED", `the state backend '${name}' is not supported yet`, {
      hint: `set 'state.backend.type' to one of ${names.join(", ")}`,
    });
  }
  throw new SqlError(
    "OPTION_INVALID",
    `'state.backend.type' = '${name}' is not a state backend; it is one of ${names.join(", ")}`,
    {
      hint: didYouMean(name, names),
    },
  );
}
