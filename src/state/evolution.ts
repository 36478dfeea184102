import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import type { StateField } from "./api.ts";
import { createStoredColumn } from "./columns.ts";
import { leadColumns, type ColumnSchema, type PartManifest, type PartSchema } from "./snapshot-manifest.ts";
import { TOUCHED } from "./ttl.ts";
import { columnTypeText, widening, type Widening } from "./widening.ts";

/** A state as an operator declares it: how it is stored, and what its columns begin with. */
export interface DeclaredPart {
  readonly schema: PartSchema;
  readonly fields: readonly StateField[];
}

/** Where a declared column comes from: a stored one, or (`stored` −1) the start. */
interface ColumnSource {
  readonly stored: number;
  readonly widening: Widening | undefined;
}

/** What becomes of one stored state in a query that declares it otherwise. Columns go by their names. */
export interface PartEvolution {
  readonly name: string;
  /** Columns that the stored state lacks: they start empty. */
  readonly added: readonly string[];
  /** Columns that the query has no use for. */
  readonly dropped: readonly string[];
  /** `price INT → BIGINT`. */
  readonly converted: readonly string[];
  /** Why the state cannot go on, in words that follow its name. */
  readonly problems: readonly string[];
  /** Rows change their key groups: all of them must be at hand. */
  readonly rehashed: boolean;
  readonly keys: readonly ColumnSource[];
  readonly fields: readonly ColumnSource[];
}

/** Compares a stored state with a declared one. */
export function partEvolution(stored: PartSchema, { schema, fields }: DeclaredPart): PartEvolution {
  const added: string[] = [];
  const converted: string[] = [];
  const problems: string[] = [];
  if (stored.kind !== schema.kind) problems.push(`is ${KINDS[stored.kind]} there and ${KINDS[schema.kind]} here`);
  const sourceOf = (list: readonly ColumnSchema[], column: ColumnSchema): ColumnSource => {
    const at = list.findIndex((each) => each.name === column.name);
    if (at < 0) return { stored: -1, widening: undefined };
    const types = `${column.name} ${columnTypeText(list[at]!)}`;
    const wider = widening(list[at]!, column);
    if (wider === undefined) problems.push(`has ${types} there and ${columnTypeText(column)} here`);
    else if (!wider.same && column.bits === undefined) converted.push(`${types} → ${columnTypeText(column)}`);
    return { stored: at, widening: wider };
  };
  const keys = schema.keys.map((column) => sourceOf(stored.keys, column));
  const sameKeys = keys.every((key) => key.stored >= 0) && stored.keys.length === schema.keys.length;
  if (!sameKeys) problems.push(`has the keys ${names(stored.keys)} there and ${names(schema.keys)} here`);
  else if ((stored.groupKeys ?? stored.keys.length) !== (schema.groupKeys ?? schema.keys.length))
    problems.push(`is partitioned by ${stored.groupKeys ?? "all"} keys there and by ${schema.groupKeys ?? "all"} here`);
  const sources = schema.fields.map((column, i): ColumnSource => {
    const source = sourceOf(stored.fields, column);
    if (source.stored >= 0) return source;
    const { missing } = fields[i]!;
    if (missing === undefined) added.push(column.name);
    else problems.push(`lacks ${visible(column.name)} there: ${missing}`);
    return source;
  });
  return {
    name: schema.name,
    added: added.filter(isVisible),
    dropped: stored.fields
      .map((f) => f.name)
      .filter((name) => name !== TOUCHED.name && !schema.fields.some((f) => f.name === name)),
    converted,
    problems,
    rehashed: keys.some((key, i) => key.stored !== i || key.widening?.rehashed === true),
    keys,
    fields: sources,
  };
}

const KINDS: Readonly<Record<PartSchema["kind"], string>> = {
  table: "a table",
  slices: "a table by windows",
  lists: "lists of rows",
  map: "a set of values",
};

function names(columns: readonly ColumnSchema[]): string {
  return columns.length === 0 ? "none" : columns.map((column) => column.name).join(", ");
}

/** Names that begin with `$` are an operator's own. */
function isVisible(name: string): boolean {
  return !name.startsWith("$");
}

function visible(name: string): string {
  return isVisible(name) ? name : name.slice(1);
}

/** Why a state whose keys change does not go on in several threads, in words that follow its name. */
export const MOVING_KEYS =
  "has other keys than before, whose rows move between threads: restore it once with one thread";

/** Throws STATE_INCOMPATIBLE when the state cannot go on. `allGroups`: rows of all key groups are at hand. */
export function checkEvolution({ name, problems, rehashed }: PartEvolution, allGroups: boolean): void {
  const all = [...problems];
  if (rehashed && !allGroups) all.push(MOVING_KEYS);
  if (all.length === 0) return;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    `the state '${name}' in the checkpoint does not fit this query: it ${all.join("; it ")}`,
    {
      hint: "'millrace run … --from … --dry-run' shows what fits; start without '--from', or from a checkpoint of this query",
    },
  );
}

/** The columns of stored rows in the order that the query declares, converted and filled up. */
export function evolvedColumns(
  evolution: PartEvolution,
  stored: PartManifest,
  { schema, fields }: DeclaredPart,
  columns: readonly Column[],
  rowCount: number,
): readonly Column[] {
  const lead = leadColumns(stored).length;
  const firstField = lead + stored.keys.length;
  const take = ({ stored: at, widening: wider }: ColumnSource, from: number, field?: StateField): Column => {
    if (at < 0) return createStoredColumn(field!, rowCount).page(0, rowCount, false);
    return wider!.convert(columns[from + at]!, rowCount);
  };
  return [
    ...columns.slice(0, lead),
    ...evolution.keys.map((key) => take(key, lead)),
    ...evolution.fields.map((source, i) => take(source, firstField, fields[i])),
    // A last-write time that the query does not want any more (its TTL was switched off) is left out.
    ...(stored.ttl && schema.ttl ? [columns[firstField + stored.fields.length]!] : []),
  ];
}

/** True when the stored columns are the declared ones, in their order. */
export function isUnchanged(evolution: PartEvolution, stored: PartSchema): boolean {
  const inPlace = (list: readonly ColumnSource[], length: number): boolean =>
    list.length === length && list.every((source, i) => source.stored === i && source.widening?.same === true);
  return inPlace(evolution.keys, stored.keys.length) && inPlace(evolution.fields, stored.fields.length);
}
