import type { Expr } from "../../expressions/expr.ts";
import type { DataType } from "../../types/data-type.ts";
import type { AggregateCallSpec } from "./aggregates.ts";
import type { SortColumn } from "./ordered.ts";

/**
 * Which row of a match an expression means: that row of the variable, counted from its first one or back from its last.
 * `variable` −1: any row of the match; from the number of variables on: the rows of a subset. Without `final`, rows behind
 * the present one are not there yet.
 */
export interface MatchRowReference {
  readonly variable: number;
  readonly from: "first" | "last";
  readonly offset: number;
  /** So many rows further on in the partition (below 0: back), whatever match they belong to. */
  readonly shift?: number | undefined;
  readonly final?: boolean | undefined;
}

/** What an expression of MATCH_RECOGNIZE reads instead of columns. */
export type MatchReference =
  /** A column of a row; NULL when there is none. */
  | (MatchRowReference & { readonly kind: "row"; readonly column: number })
  /** The name of the variable that the row was taken for; NULL when there is no row, or it is not of the match. */
  | (MatchRowReference & { readonly kind: "classifier" })
  /** An aggregate over the rows of a variable; `ofNames`: its arguments are the names of the rows' variables. */
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly call: AggregateCallSpec;
      readonly final?: boolean | undefined;
      readonly ofNames?: boolean | undefined;
    }
  /** The event time of the row at which a condition is asked, or a match comes out. */
  | { readonly kind: "time" }
  /** The number of the match in its partition, from 1. */
  | { readonly kind: "number" }
  /** A column of the row that comes out, which an empty match has too: its first one that it did not take. */
  | { readonly kind: "present"; readonly column: number };

/** Expressions whose columns are references. */
export interface MatchExpressions {
  readonly references: readonly MatchReference[];
  readonly types: readonly DataType[];
  readonly expressions: readonly Expr[];
}

export interface MatchVariable {
  readonly name: string;
  /** How many rows of it every match has at least. */
  readonly minimum: number;
  /** −1: no end. */
  readonly maximum: number;
  readonly reluctant: boolean;
  /** One condition; undefined: every row. */
  readonly condition: MatchExpressions | undefined;
}

/** A pattern as SQL:2016 has it: of several ways to match, the one that is written first or longer is preferred. */
export type MatchPattern =
  | { readonly kind: "variable"; readonly variable: number }
  | { readonly kind: "sequence"; readonly items: readonly MatchPattern[] }
  | { readonly kind: "alternation"; readonly branches: readonly MatchPattern[] }
  | {
      readonly kind: "repetition";
      readonly pattern: MatchPattern;
      readonly minimum: number;
      /** −1: no end. */
      readonly maximum: number;
      readonly reluctant: boolean;
    }
  /** Its rows do not come out with the others of the match. */
  | { readonly kind: "exclusion"; readonly pattern: MatchPattern };

/** Where the search goes on after a match. */
export type MatchSkip =
  | { readonly to: "past-last" }
  | { readonly to: "next" }
  | { readonly to: "first" | "last"; readonly variable: number };

/** MATCH_RECOGNIZE. Output: partition columns, then the measures; a row for each match, or for each row of each match. */
export interface MatchSpec {
  readonly kind: "match";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  /** Columns that nothing but the partitioning reads. */
  readonly partition: readonly number[];
  /** Column of the rowtime; undefined: processing time, rows are matched as they come. */
  readonly time?: number | undefined;
  /** Between rows of one time. */
  readonly order: readonly SortColumn[];
  readonly variables: readonly MatchVariable[];
  /** Undefined: the variables one after another, matched as Flink does, whose greedy loops give no row back. */
  readonly pattern?: MatchPattern | undefined;
  /** Variables of subsets; they are numbered on behind the variables. */
  readonly subsets?: readonly (readonly number[])[] | undefined;
  /** All rows of a match come out; whether empty matches do. Undefined: one row each, empty ones included. */
  readonly allRows?: { readonly emptyMatches: boolean } | undefined;
  /** Matches are counted, for as long as the job lives. */
  readonly numbered?: boolean | undefined;
  readonly skip: MatchSkip;
  /** A match must end before this much time has passed since its first row; 0: whenever. */
  readonly withinMillis: number;
  readonly measures: MatchExpressions;
}
