import type { Connector, ConnectorContext, RunIdentity, TableRequest } from "../connectors/api.ts";
import type { PendingState } from "../checkpoint/participant.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { SessionFacts } from "../functions/define.ts";
import type { OperatorState } from "../state/api.ts";
import type { StateSize } from "../state/backend.ts";
import type { Network } from "./exchange/network.ts";
import type { Collector } from "./sink-task.ts";
import type { NumberedSplit } from "./source-state.ts";

/** State of one operator and how to take a picture of it; the backend's part of a node. */
export interface StateHandleOfOperator {
  readonly state: OperatorState;
  /** Undefined: there is nothing to write. */
  freeze(): PendingState | undefined;
  /** How much state there is now. */
  size?(): StateSize | undefined;
  /** Where state may lie elsewhere: true when a batch may have to wait for it. */
  readonly mayWait?: (() => boolean) | undefined;
  /** Where state may lie elsewhere: false until what the operator keeps references into is in memory. */
  readonly isNear?: (() => boolean) | undefined;
}

/** What a job needs from the world around it. */
export interface JobServices {
  readonly functions: FunctionRegistry;
  readonly session: SessionFacts;
  readonly compileExpressions: boolean;
  connectorOf(request: TableRequest): Connector;
  readonly connectors: ConnectorContext;
  readonly run: Omit<RunIdentity, "operatorId">;
  /** Rows of a SELECT. */
  readonly collector?: Collector | undefined;
  /** State for an operator, filled from a restored checkpoint when there is one. */
  stateFor(operatorId: string): StateHandleOfOperator;
  /** Rows that a source hands out at once. */
  readonly batchRows: number;
  /** After each batch that was read: rows of the run so far. No more is read before a returned promise is settled. */
  readonly onRows?: ((rows: number) => Promise<void> | undefined) | undefined;
  /** The other threads of the job; undefined: there is only this one. */
  readonly network?: Network | undefined;
  /** With several threads: the splits that this one begins with. */
  splitsOf?(sourceId: string): readonly NumberedSplit[];
  /** false: at-least-once, inputs that are ahead at a barrier are not held back. */
  readonly alignBarriers?: boolean | undefined;
  /** Barriers of checkpoints (not of savepoints) overtake what waits; `execution.checkpointing.unaligned.enabled`. */
  readonly unalignedBarriers?: boolean | undefined;
}
