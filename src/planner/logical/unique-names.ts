/** Names made unique as Flink does: `v, v, v` → `v, v0, v1`. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let attempt = 0; used.has(unique); attempt++) unique = `${name}${attempt}`;
    used.add(unique);
    return unique;
  });
}
