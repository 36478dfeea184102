import type { Column } from "../../batch/column.ts";
import type { LookupJoinSpec } from "../spec.ts";
import type { LookupTables } from "../operator.ts";
import { AskedAnswers } from "./asked-answers.ts";
import type { KeyedRows } from "./keyed-rows.ts";
import { TableAnswers } from "./table-answers.ts";

/** The rows of a table by key, as they are at the moment, or as a cache remembers them. */
export interface Answers {
  /** After `prepare`: the rows of the keys that were asked for, among others. */
  readonly rows: KeyedRows;
  /** The next question is answered without waiting and without `prepare`. */
  ready(): boolean;
  /** Brings the rows of these keys near; rows with a NULL in a key ask for nothing. */
  prepare(keys: readonly Column[], count: number): Promise<void>;
  close(): void | Promise<void>;
}

/** How the table of a lookup join is asked, by what its connector offers and by its cache. */
export function answersOf(spec: LookupJoinSpec, tables: LookupTables, zone: string): Answers {
  const keys = spec.keys.map(({ column }) => column);
  const { context } = tables;
  const connector = tables.connectorOf(spec.table);
  const request = { ...spec.table, columns: spec.columns, keys };
  const lookup = connector.lookup!(request, context);
  const whole = (version: (() => string) | undefined): TableAnswers =>
    new TableAnswers({
      spec,
      open: () => connector.source!({ ...spec.table, columns: spec.columns }, context),
      version,
      nowMillis: () => context.nowMillis(),
      zone,
    });
  if (spec.cache.kind === "full") return whole(undefined);
  if (lookup.kind === "keys") return new AskedAnswers(spec, lookup, () => context.nowMillis());
  const table = whole(() => lookup.version());
  if (spec.cache.kind === "none" && spec.retryMiss === undefined) return table;
  return new AskedAnswers(spec, table.asLookup(), () => context.nowMillis());
}
