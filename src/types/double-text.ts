/**
 * The text Java (before 19) gives a DOUBLE: `1.0E10`, `9.99E-4`, `9999999.0`, `NaN`, `-Infinity`. Plain digits from
 * 10^-3 up to below 10^7, scientific otherwise.
 */
export function doubleText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return Object.is(value, -0) ? "-0.0" : `${value}.0`;
  if (!Number.isFinite(value)) return specialText(value);
  const positive = Math.abs(value);
  const shortest = positive.toExponential();
  const e = shortest.indexOf("e");
  // Short decimals and numbers of everyday size are the same everywhere; Java goes its own way with the rest, with
  // powers of two, and where one digit would do.
  const everyday = e <= 16 ? positive > 1e-300 && positive < 2 ** 54 : positive > 1e-5 && positive < 2 ** 53;
  if (e > 2 && everyday && !Number.isInteger(Math.log2(positive))) {
    return layout(value < 0, shortest[0] + shortest.slice(2, e), Number(shortest.slice(e + 1)));
  }
  const { mantissa, exponent } = unpackDouble(positive);
  return javaText(value < 0, mantissa, exponent, 53);
}

/** The same for a FLOAT. */
export function floatText(value: number): string {
  const single = Math.fround(value);
  if (Number.isInteger(single) && Math.abs(single) < 1e7) return Object.is(single, -0) ? "-0.0" : `${single}.0`;
  if (!Number.isFinite(single)) return specialText(single);
  SCRATCH.setFloat32(0, Math.abs(single));
  const bits = SCRATCH.getInt32(0);
  const biased = bits >>> 23;
  const fraction = bits & 0x7fffff;
  const mantissa = BigInt(biased === 0 ? fraction : fraction | 0x800000);
  return javaText(single < 0, mantissa, (biased === 0 ? 1 : biased) - 150, 24);
}

/** Written and read within one call. */
const SCRATCH = new DataView(new ArrayBuffer(8));

function unpackDouble(positive: number): { mantissa: bigint; exponent: number } {
  SCRATCH.setFloat64(0, positive);
  const bits = SCRATCH.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return {
    mantissa: biased === 0 ? fraction : fraction | 0x10000000000000n,
    exponent: (biased === 0 ? 1 : biased) - 1075,
  };
}

function specialText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

function layout(negative: boolean, digits: string, exponent: number): string {
  const sign = negative ? "-" : "";
  if (exponent < -3 || exponent > 6) return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * Java's digit generation, which is not always the shortest: integers below 2^63 lose only the digits that are
 * insignificant as a power of two; other values get digits until the rest is below half a unit in the last place.
 * The value is mantissa × 2^exponent.
 */
function javaText(negative: boolean, mantissa: bigint, exponent: number, significantBits: number): string {
  const bits = mantissa.toString(2);
  const tailZeros = bits.length - (bits.lastIndexOf("1") + 1);
  const fractionBits = bits.length - tailZeros;
  const binaryExponent = exponent + bits.length - 1;
  const precisionBits = Math.min(significantBits, bits.length);
  const odd = mantissa >> BigInt(tailZeros);
  if (binaryExponent <= 62 && fractionBits <= binaryExponent + 1) {
    const integer = odd << BigInt(binaryExponent + 1 - fractionBits);
    return integerText(negative, integer, binaryExponent - precisionBits - 1);
  }
  let decimalExponent = estimateDecimalExponent(bits, binaryExponent);
  const scaled = scale(odd, fractionBits, binaryExponent, decimalExponent, precisionBits);
  let { top, half } = scaled;
  const { bottom, width } = scaled;
  const tens = bottom * 10n;
  const digits: number[] = [];
  let low = false;
  let high = false;
  const step = (): number => {
    const digit = top / bottom;
    top = 10n * (top - digit * bottom);
    half *= 10n;
    low = top < half;
    if (width === 0) high = top + half >= tens;
    else if (half >= 1n << BigInt(width - 1)) high = true;
    else high = BigInt.asIntN(width, top + half) > tens;
    return Number(digit);
  };
  const first = step();
  if (first === 0 && !high) decimalExponent -= 1;
  else digits.push(first);
  if (decimalExponent < -3 || decimalExponent >= 8) {
    high = false;
    low = false;
  }
  while (!low && !high) digits.push(step());
  const rest = top * 2n - tens;
  const up = high && (!low || rest > 0n || (rest === 0n && digits[digits.length - 1]! % 2 === 1));
  return roundedText(negative, digits, up, decimalExponent);
}

function integerText(negative: boolean, integer: bigint, insignificantBits: number): string {
  let dropped = insignificantBits > 1 ? Math.floor(insignificantBits * Math.log10(2)) : 0;
  let kept = integer;
  if (dropped > 0) {
    const unit = 10n ** BigInt(dropped);
    kept = integer / unit;
    if ((integer - kept * unit) * 2n >= unit) kept += 1n;
  }
  const text = kept.toString();
  dropped += text.length - 1;
  return layout(negative, text.replace(/0+$/, "") || "0", dropped);
}

function roundedText(negative: boolean, digits: number[], up: boolean, decimalExponent: number): string {
  let exponent = decimalExponent;
  if (up) {
    let i = digits.length - 1;
    while (i >= 0 && digits[i] === 9) digits[i--] = 0;
    if (i >= 0) digits[i]! += 1;
    else {
      digits.unshift(1);
      digits.pop();
      exponent += 1;
    }
  }
  return layout(negative, digits.join("").replace(/(.)0+$/, "$1"), exponent);
}

function estimateDecimalExponent(bits: string, binaryExponent: number): number {
  const fraction = Number.parseInt(bits, 2) / 2 ** (bits.length - 1);
  return Math.floor((fraction - 1.5) * 0.289529654 + 0.176091259 + binaryExponent * 0.301029995663981);
}

/**
 * value = top / bottom × 10^decimalExponent with 1 ≤ top / bottom < 10; `half` is half a unit in the last place.
 * `width`: Java works with 32 or 64 bits where they suffice, and its sums may overflow there; 0: big integers.
 */
function scale(
  odd: bigint,
  fractionBits: number,
  binaryExponent: number,
  decimalExponent: number,
  precisionBits: number,
): { top: bigint; bottom: bigint; half: bigint; width: number } {
  const tinyBits = Math.max(0, fractionBits - binaryExponent - 1);
  const topFives = Math.max(0, -decimalExponent);
  const bottomFives = Math.max(0, decimalExponent);
  let topTwos = topFives + tinyBits + binaryExponent;
  let bottomTwos = bottomFives + tinyBits;
  let halfTwos = topTwos - precisionBits;
  topTwos -= fractionBits - 1;
  const common = Math.min(topTwos, bottomTwos);
  topTwos -= common;
  bottomTwos -= common;
  halfTwos -= common + (fractionBits === 1 ? 1 : 0);
  if (halfTwos < 0) {
    topTwos -= halfTwos;
    bottomTwos -= halfTwos;
    halfTwos = 0;
  }
  const topBits = fractionBits + topTwos + bitsOfFives(topFives);
  const tensBits = bottomTwos + 1 + bitsOfFives(bottomFives + 1);
  const width = topBits < 32 && tensBits < 32 ? 32 : topBits < 64 && tensBits < 64 ? 64 : 0;
  const fives = 5n ** BigInt(topFives);
  return {
    top: (odd * fives) << BigInt(topTwos),
    bottom: (5n ** BigInt(bottomFives)) << BigInt(bottomTwos),
    half: fives << BigInt(halfTwos),
    width,
  };
}

function bitsOfFives(n: number): number {
  return n < 28 ? (n === 0 ? 0 : Math.floor(n * Math.log2(5)) + 1) : n * 3;
}
