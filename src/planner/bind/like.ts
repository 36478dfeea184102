import { SqlError } from "../../base/errors.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import type { LikeNode, LikeOption } from "../../parser/index.ts";
import { draftOf, type DraftColumn, type TableDraft } from "./table-draft.ts";

type Feature = Exclude<LikeOption["feature"], "ALL">;
type Merge = LikeOption["merge"];

const DEFAULTS: Readonly<Record<Feature, Merge>> = {
  CONSTRAINTS: "INCLUDING",
  DISTRIBUTION: "INCLUDING",
  GENERATED: "INCLUDING",
  METADATA: "INCLUDING",
  OPTIONS: "OVERWRITING",
  PARTITIONS: "INCLUDING",
  WATERMARKS: "INCLUDING",
};

/** The table that `CREATE TABLE … LIKE source (options)` means: the source's columns first, then the own ones. */
export function mergeLike(own: TableDraft, source: CatalogTable, like: LikeNode): TableDraft {
  const strategy = strategies(like.options);
  const base = draftOf(source);
  const conflict = (what: string, feature: Feature): SqlError =>
    new SqlError(
      "INVALID_QUERY",
      `There already exists ${what} in the base table. You might want to specify EXCLUDING ${feature}.`,
      { span: like.span },
    );
  const single = <V>(feature: Feature, inherited: V | undefined, given: V | undefined, what: string): V | undefined => {
    if (strategy[feature] === "EXCLUDING" || inherited === undefined) return given;
    if (given === undefined) return inherited;
    if (strategy[feature] === "OVERWRITING") return given;
    throw conflict(what, feature);
  };
  if (base.partitionKeys.length > 0 && own.partitionKeys.length > 0 && strategy.PARTITIONS !== "EXCLUDING")
    throw conflict("a partition key", "PARTITIONS");
  return {
    columns: mergeColumns(own.columns, base.columns, strategy),
    watermark: single("WATERMARKS", base.watermark, own.watermark, "a watermark spec"),
    primaryKey: single("CONSTRAINTS", base.primaryKey, own.primaryKey, "a primary key"),
    // EXCLUDING only makes room for other ones, as in Flink.
    partitionKeys: own.partitionKeys.length > 0 ? own.partitionKeys : base.partitionKeys,
    comment: own.comment,
    distribution: single("DISTRIBUTION", base.distribution, own.distribution, "a distribution"),
    options: mergeOptions(own.options, base.options, strategy.OPTIONS, conflict),
  };
}

function strategies(options: readonly LikeOption[]): Readonly<Record<Feature, Merge>> {
  const result = { ...DEFAULTS };
  const all = options.find((o) => o.feature === "ALL");
  if (all !== undefined) for (const feature of Object.keys(result) as Feature[]) result[feature] = all.merge;
  for (const { feature, merge, span } of options) {
    if (options.some((o) => o.feature === feature && o.span.start < span.start)) {
      throw new SqlError("INVALID_QUERY", `Each like option feature can be declared only once: ${feature}`, { span });
    }
    if (feature !== "ALL") result[feature] = merge;
  }
  return result;
}

function mergeColumns(
  own: readonly DraftColumn[],
  base: readonly DraftColumn[],
  strategy: Readonly<Record<Feature, Merge>>,
): readonly DraftColumn[] {
  const featureOf = (column: DraftColumn): Feature | undefined =>
    column.kind === "computed" ? "GENERATED" : column.kind === "metadata" ? "METADATA" : undefined;
  const merged: DraftColumn[] = base.filter((column) => {
    const feature = featureOf(column);
    return feature === undefined || strategy[feature] !== "EXCLUDING";
  });
  for (const column of own) {
    const at = merged.findIndex((c) => c.name === column.name);
    if (at < 0) {
      merged.push(column);
      continue;
    }
    const feature = featureOf(merged[at]!);
    if (feature === undefined || featureOf(column) !== feature || strategy[feature] !== "OVERWRITING") {
      throw new SqlError("DUPLICATE_COLUMN", `A column named '${column.name}' already exists in the base table.`, {
        span: column.span,
      });
    }
    merged[at] = column;
  }
  return merged;
}

function mergeOptions(
  own: ReadonlyMap<string, string>,
  base: ReadonlyMap<string, string>,
  merge: Merge,
  conflict: (what: string, feature: Feature) => SqlError,
): ReadonlyMap<string, string> {
  if (merge === "EXCLUDING") return own;
  const merged = new Map(base);
  for (const [key, value] of own) {
    if (merge === "INCLUDING" && merged.has(key))
      throw conflict(`an option ['${key}' -> '${merged.get(key)}']`, "OPTIONS");
    merged.set(key, value);
  }
  return merged;
}
