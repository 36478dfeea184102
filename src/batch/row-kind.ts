/** What a row does to the result it belongs to. The numbers are Flink's byte values. */
export const RowKind = { Insert: 0, UpdateBefore: 1, UpdateAfter: 2, Delete: 3 } as const;
export type RowKind = (typeof RowKind)[keyof typeof RowKind];

/** `+I`, `-U`, `+U`, `-D`, indexed by row kind. */
export const ROW_KIND_TEXT = ["+I", "-U", "+U", "-D"] as const;

/** True for -U and -D: the row is taken away. */
export function isRetraction(kind: number): boolean {
  return kind === RowKind.UpdateBefore || kind === RowKind.Delete;
}
