/**
 * Exponential, logarithms and power, rounded correctly but for about one case in 10^12. JavaScript engines err in the
 * last digit of every tenth result, where Java (and so Flink) does not; LOG(3, 81) would not be 4. The sums of two
 * doubles ("double-double", T. J. Dekker) carry 106 bits.
 */
interface Pair {
  readonly hi: number;
  readonly lo: number;
}

function twoSum(a: number, b: number): Pair {
  const hi = a + b;
  const part = hi - a;
  return { hi, lo: a - (hi - part) + (b - part) };
}

function twoProduct(a: number, b: number): Pair {
  const hi = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return { hi, lo: aHigh * bHigh - hi + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

function split(a: number): readonly [number, number] {
  const shifted = 134217729 * a;
  const high = shifted - (shifted - a);
  return [high, a - high];
}

function add(a: Pair, b: Pair): Pair {
  const sum = twoSum(a.hi, b.hi);
  return twoSum(sum.hi, sum.lo + a.lo + b.lo);
}

function multiply(a: Pair, b: Pair): Pair {
  const product = twoProduct(a.hi, b.hi);
  return twoSum(product.hi, product.lo + a.hi * b.lo + a.lo * b.hi);
}

function scale(a: Pair, factor: number): Pair {
  return { hi: a.hi * factor, lo: a.lo * factor };
}

const LN2 = [0.6931471805599453, 2.3190468138462996e-17, 5.707708438416212e-34] as const;
/** 1/n! for the Taylor series; 256 × 2^-8 reduces the argument below 0.0014, where nine terms suffice. */
const INVERSE_FACTORIALS: readonly Pair[] = [
  { hi: 1, lo: 0 },
  { hi: 0.5, lo: 0 },
  { hi: 0.16666666666666666, lo: 9.25185853854297e-18 },
  { hi: 0.041666666666666664, lo: 2.3129646346357427e-18 },
  { hi: 0.008333333333333333, lo: 1.1564823173178714e-19 },
  { hi: 0.001388888888888889, lo: -5.300543954373577e-20 },
  { hi: 0.0001984126984126984, lo: 1.7209558293420705e-22 },
  { hi: 0.0000248015873015873, lo: 2.1511947866775882e-23 },
  { hi: 0.0000027557319223985893, lo: -1.858393274046472e-22 },
];
const SQUARINGS = 8;

/** e^x for |x| < 700. */
function expPair(x: Pair): Pair {
  const k = Math.round(x.hi / LN2[0]);
  const whole = twoProduct(-k, LN2[0]);
  const rest = twoProduct(-k, LN2[1]);
  const reduced = add(add(twoSum(x.hi, whole.hi), { hi: whole.lo, lo: x.lo }), {
    hi: rest.hi,
    lo: rest.lo - k * LN2[2],
  });
  const r = scale(reduced, 2 ** -SQUARINGS);
  let sum = INVERSE_FACTORIALS[INVERSE_FACTORIALS.length - 1]!;
  for (let i = INVERSE_FACTORIALS.length - 2; i >= 0; i--) sum = add(multiply(sum, r), INVERSE_FACTORIALS[i]!);
  // e^r - 1, so that squaring loses nothing: (1 + s)² - 1 = 2s + s².
  let s = multiply(sum, r);
  for (let i = 0; i < SQUARINGS; i++) s = add(scale(s, 2), multiply(s, s));
  return scale(add(s, { hi: 1, lo: 0 }), 2 ** k);
}

/** The natural logarithm of a positive, finite x. */
function logPair(x: number): Pair {
  const estimate = Math.log(x);
  if (Math.abs(estimate) < 1e-8 || Math.abs(estimate) > 700) return { hi: estimate, lo: 0 };
  const power = expPair({ hi: estimate, lo: 0 });
  return twoSum(estimate, (x - power.hi - power.lo) / power.hi);
}

/** e^x. */
export function preciseExp(x: number): number {
  if (!(Math.abs(x) < 700) || x === 0) return Math.exp(x);
  return expPair({ hi: x, lo: 0 }).hi;
}

/** The natural logarithm. */
export function preciseLog(x: number): number {
  return x > 0 && x < Infinity ? logPair(x).hi : Math.log(x);
}

const INVERSE_LN10: Pair = { hi: 0.4342944819032518, lo: 1.098319650216765e-17 };

/** The logarithm to base 10. */
export function preciseLog10(x: number): number {
  return x > 0 && x < Infinity ? multiply(logPair(x), INVERSE_LN10).hi : Math.log10(x);
}

/** x to the power of y. */
export function precisePower(x: number, y: number): number {
  if (y === 2) return x * x;
  const estimate = Math.pow(x, y);
  const size = Math.abs(estimate);
  if (!(size > 1e-300 && size < 1e300) || size === 1) return estimate;
  const logarithm = logPair(Math.abs(x));
  const exact = expPair(multiply(logarithm, { hi: y, lo: 0 })).hi;
  return estimate < 0 ? -exact : exact;
}
