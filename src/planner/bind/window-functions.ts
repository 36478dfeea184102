/** Functions that only exist with OVER. */
export const WINDOW_FUNCTIONS: ReadonlySet<string> = new Set([
  "ROW_NUMBER",
  "RANK",
  "DENSE_RANK",
  "NTILE",
  "CUME_DIST",
  "PERCENT_RANK",
  "LAG",
  "LEAD",
]);
