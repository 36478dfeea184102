/** MATRIX=all (`npm run matrix`): large tests go through all of their cases. */
export const ALL_CASES = process.env["MATRIX"] === "all";

/** The number of this day, for tests that do other ones of their cases each day. */
export const DAY = Math.floor(Date.now() / 86_400_000);

/**
 * So many of the cases of a large test, others each day until all had their turn and far apart in the list, of which neighbours are
 * alike; all of them with MATRIX=all.
 */
export function sampleOfTheDay<T>(cases: readonly T[], size: number, day = DAY): readonly T[] {
  if (ALL_CASES || size >= cases.length) return cases;
  let step = Math.ceil(cases.length * 0.6);
  while (commonFactor(step, cases.length) > 1) step++;
  return Array.from({ length: size }, (_, i) => cases[((day * size + i) * step) % cases.length]!);
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}
