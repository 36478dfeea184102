/**
 * Names made unique as Flink does: `v, v, v` → `v, v0, v1`; `byPlace`, for a SELECT whose ORDER BY computes columns of its
 * own: `v, v1, v2`.
 */
export function uniqueNames(names: readonly string[], byPlace = false): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let attempt = byPlace ? used.size : 0; used.has(unique); attempt++) unique = `${name}${attempt}`;
    used.add(unique);
    return unique;
  });
}
