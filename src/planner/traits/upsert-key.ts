import type { Expr } from "../../expressions/expr.ts";
import type { Exchange, OperatorSpec } from "../../runtime/spec.ts";

/** Columns by which a node's updates are keyed: an update replaces the row with the same values there, and no two rows share them. */
export type UpsertKey = readonly number[];

/** Combinations of join keys beyond this are not followed. */
const MAX_KEYS = 16;

/**
 * The upsert keys of a node's output, from those of its inputs (as they arrive: `keysAcross`). None: no key is known,
 * changes must be matched by whole rows. An empty key: there is only one row.
 */
export function upsertKeys(spec: OperatorSpec, inputs: readonly (readonly UpsertKey[])[]): readonly UpsertKey[] {
  const [input = []] = inputs;
  switch (spec.kind) {
    case "updating-window-aggregate": {
      const window = spec.properties.findIndex((property) => property !== "time");
      const keys = spec.keys.map((_, i) => i);
      return window < 0 ? [] : [[...keys, keys.length + spec.aggregates.length + window]];
    }
    case "scan": {
      const { primaryKey } = spec.table;
      const key = primaryKey.map((name) =>
        spec.columns.findIndex((c) => c.kind === "physical" && c.path.length === 1 && c.path[0] === name),
      );
      return key.length === 0 || key.includes(-1) ? [] : [key];
    }
    case "group-aggregate":
      return [spec.keys.map((_, i) => i)];
    case "deduplicate":
    case "changelog-normalize":
    case "sink-materialize":
      return [spec.keys];
    case "rank": {
      const kept = containing(input, spec.partition);
      const byPlace = spec.outputRank ? [[...spec.partition, spec.input.length]] : [];
      const only = spec.from === 1 && spec.to === 1 ? [spec.partition] : [];
      return distinct([...kept, ...byPlace, ...only]);
    }
    case "calc":
      return distinct(input.flatMap((key) => projected(key, spec.projections)));
    case "join": {
      const [left = [], right = []] = inputs;
      if (spec.type === "semi" || spec.type === "anti") return left;
      return joined(left, right, spec);
    }
    // A left row meets one version at most.
    case "temporal-join":
    case "watermark":
    case "mini-batch":
    case "drop-update-before":
    case "limit":
    case "sort":
      return input;
    default:
      return [];
  }
}

/**
 * The keys that still order the updates behind an exchange: rows of one key must not spread over several threads. It
 * holds for one thread too, so that the plan does not depend on their number.
 */
export function keysAcross(exchange: Exchange, keys: readonly UpsertKey[]): readonly UpsertKey[] {
  return exchange.kind === "forward" || exchange.keys.length === 0 ? keys : containing(keys, exchange.keys);
}

function containing(keys: readonly UpsertKey[], columns: readonly number[]): readonly UpsertKey[] {
  return keys.filter((key) => columns.every((column) => key.includes(column)));
}

/** Where the columns of a key stand in a projection; each of several copies makes a key. */
function projected(key: UpsertKey, projections: readonly Expr[]): readonly UpsertKey[] {
  const places = key.map((k) => projections.flatMap((e, i) => (e.kind === "column" && e.index === k ? [i] : [])));
  return places.reduce<readonly UpsertKey[]>(
    (combinations, columns) =>
      combinations.flatMap((some) => columns.map((column) => [...some, column])).slice(0, MAX_KEYS),
    [[]],
  );
}

/** Both keys together; one alone where the other side has at most one row for it. */
function joined(
  left: readonly UpsertKey[],
  right: readonly UpsertKey[],
  spec: Extract<OperatorSpec, { kind: "join" }>,
): readonly UpsertKey[] {
  const width = spec.left.length;
  const shifted = right.map((key) => key.map((k) => k + width));
  const pairs = left.flatMap((l) => shifted.map((r) => [...l, ...r]));
  const within = (keys: readonly UpsertKey[], columns: readonly number[]): boolean =>
    keys.some((key) => key.every((k) => columns.includes(k)));
  const keepsLeft = spec.type === "inner" || spec.type === "left";
  const keepsRight = spec.type === "inner" || spec.type === "right";
  return distinct([
    ...(keepsLeft && within(right, spec.rightKeys) ? left : []),
    ...(keepsRight && within(left, spec.leftKeys) ? shifted : []),
    ...pairs,
  ]);
}

function distinct(keys: readonly UpsertKey[]): readonly UpsertKey[] {
  const seen = new Set<string>();
  const found = keys.filter((key) => {
    const name = [...key].sort((a, b) => a - b).join();
    return !seen.has(name) && seen.add(name) !== undefined;
  });
  return found.slice(0, MAX_KEYS);
}
