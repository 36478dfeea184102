import type { Field } from "../types/data-type.ts";
import type {
  ScanSpec,
  ValuesSpec,
  CalcSpec,
  WatermarkSpec,
  UnionSpec,
  LimitSpec,
  ExpandSpec,
  CorrelateSpec,
  SinkSpec,
} from "./spec/rows.ts";
import type { GroupAggregateSpec, LocalAggregateSpec, MiniBatchSpec } from "./spec/aggregates.ts";
import type {
  WindowAggregateSpec,
  UpdatingWindowAggregateSpec,
  SessionAggregateSpec,
  WindowTvfSpec,
  SessionTvfSpec,
} from "./spec/windows.ts";
import type { JoinSpec, IntervalJoinSpec, WindowJoinSpec, TemporalJoinSpec, LookupJoinSpec } from "./spec/joins.ts";
import type { RankSpec, DeduplicateSpec, OverSpec, SortSpec, FinalRowsSpec, FinalOverSpec } from "./spec/ordered.ts";
import type { MatchSpec } from "./spec/match.ts";
import type {
  DropUpdateBeforeSpec,
  SinkMaterializeSpec,
  ChangelogNormalizeSpec,
  ToChangelogSpec,
  FromChangelogSpec,
} from "./spec/changelog.ts";

export type * from "./spec/rows.ts";
export type * from "./spec/aggregates.ts";
export type * from "./spec/windows.ts";
export type * from "./spec/joins.ts";
export type * from "./spec/ordered.ts";
export type * from "./spec/match.ts";
export type * from "./spec/changelog.ts";

/**
 * The vocabulary between planner and runtime: plain data, printed by EXPLAIN and stored with a checkpoint. Column
 * numbers refer to the columns of the (given) input. Output columns are stated at each kind.
 */
export type OperatorSpec =
  | ScanSpec
  | ValuesSpec
  | CalcSpec
  | WatermarkSpec
  | MiniBatchSpec
  | UnionSpec
  | LocalAggregateSpec
  | GroupAggregateSpec
  | WindowAggregateSpec
  | UpdatingWindowAggregateSpec
  | SessionAggregateSpec
  | WindowTvfSpec
  | SessionTvfSpec
  | JoinSpec
  | IntervalJoinSpec
  | WindowJoinSpec
  | TemporalJoinSpec
  | LookupJoinSpec
  | RankSpec
  | DeduplicateSpec
  | MatchSpec
  | OverSpec
  | LimitSpec
  | SortSpec
  | FinalRowsSpec
  | FinalOverSpec
  | DropUpdateBeforeSpec
  | SinkMaterializeSpec
  | ChangelogNormalizeSpec
  | ToChangelogSpec
  | FromChangelogSpec
  | ExpandSpec
  | CorrelateSpec
  | SinkSpec;

/** How rows travel between two nodes; with one thread every exchange is a direct call. */
export type Exchange =
  | { readonly kind: "forward" }
  /** By key group of these input columns, in this order; of none: all rows go to the first thread. */
  | { readonly kind: "hash"; readonly keys: readonly number[] };

/** Plain data from here on: printed, stored with a savepoint, sent to a worker. */
export interface PhysicalNode {
  /** Follows from what the state is (tables, keys, kind), not from the query around it; checkpoints address state by it. */
  readonly id: string;
  /** A short hash of the tables that the rows reach: it tells nodes apart that are otherwise the same state. */
  readonly branch?: string | undefined;
  readonly spec: OperatorSpec;
  readonly inputs: readonly { readonly from: string; readonly exchange: Exchange }[];
  /** Name of the node (a sink) that takes rows which the operator drops because they are late: operator STRING, watermark TIMESTAMP(3), row STRING. */
  readonly lateTo?: string | undefined;
  /** The line of EXPLAIN, e.g. `GroupAggregate(groupBy=[product], select=[product, COUNT(*) AS n])`. */
  readonly description: string;
  /** Output columns. */
  readonly fields: readonly Field[];
}

/** A job: nodes in topological order (inputs first). */
export interface JobGraph {
  readonly nodes: readonly PhysicalNode[];
}
