/** The rows that are left after changes, as a bag of texts in order of first arrival. */
export class MaterializedRows {
  readonly #counts = new Map<string, number>();

  apply(kind: string, row: string): void {
    const count = (this.#counts.get(row) ?? 0) + (kind.startsWith("+") ? 1 : -1);
    if (count === 0) this.#counts.delete(row);
    else this.#counts.set(row, count);
  }

  rows(): string[] {
    return [...this.#counts].flatMap(([row, count]) => Array.from({ length: Math.max(0, count) }, () => row));
  }
}

/** By Unicode code point, as the golden files are sorted. */
export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (c) => c.codePointAt(0) ?? 0);
  const right = Array.from(b, (c) => c.codePointAt(0) ?? 0);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}
