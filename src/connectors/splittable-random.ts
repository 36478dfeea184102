const GAMMA_HIGH = 0x9e3779b9;
const GAMMA_LOW = 0x7f4a7c15;

/**
 * java.util.SplittableRandom, bit for bit. Its 64-bit state is kept as two 32-bit halves, because BigInt arithmetic
 * would be the whole cost of an event.
 */
export class SplittableRandom {
  private high = 0;
  private low = 0;

  /** Starts over from an integer seed (|seed| < 2^53). */
  seed(seed: number): void {
    this.high = Math.floor(seed / 4294967296) | 0;
    this.low = seed | 0;
  }

  /** Any 32-bit integer. */
  int32(): number {
    this.step();
    // (z ^ z >>> 33) * 0x62A9D9ED799705F5
    const a = this.low ^ (this.high >>> 1);
    const low = Math.imul(a, 0x799705f5);
    const high = (mulHigh(a, 0x799705f5) + Math.imul(this.high, 0x799705f5) + Math.imul(a, 0x62a9d9ed)) | 0;
    // (z ^ z >>> 28) * 0xCB24D0A5C88C35B3, upper half
    const b = low ^ ((high << 4) | (low >>> 28));
    const c = high ^ (high >>> 28);
    return (mulHigh(b, 0xc88c35b3 | 0) + Math.imul(c, 0xc88c35b3 | 0) + Math.imul(b, 0xcb24d0a5 | 0)) | 0;
  }

  /** 0 ≤ result < n. */
  below(n: number): number {
    const r = this.int32();
    const m = n - 1;
    if ((n & m) === 0) return r & m;
    let u = r >>> 1;
    for (;;) {
      const v = u % n;
      if (u + m - v <= 2147483647) return v;
      u = this.int32() >>> 1;
    }
  }

  /** 0 ≤ result < 1. */
  unit(): number {
    this.step();
    const a = this.low ^ ((this.high << 2) | (this.low >>> 30));
    const b = this.high ^ (this.high >>> 30);
    const high = (mulHigh(a, 0x1ce4e5b9) + Math.imul(b, 0x1ce4e5b9) + Math.imul(a, 0xbf58476d | 0)) | 0;
    const low = Math.imul(a, 0x1ce4e5b9);
    const c = low ^ ((high << 5) | (low >>> 27));
    const d = high ^ (high >>> 27);
    const e = (mulHigh(c, 0x133111eb) + Math.imul(d, 0x133111eb) + Math.imul(c, 0x94d049bb | 0)) | 0;
    const f = Math.imul(c, 0x133111eb);
    return (((e ^ (e >>> 31)) >>> 0) * 2097152 + ((f ^ ((e << 1) | (f >>> 31))) >>> 11)) * 2 ** -53;
  }

  private step(): void {
    const low = (this.low >>> 0) + GAMMA_LOW;
    this.low = low | 0;
    this.high = (this.high + GAMMA_HIGH + (low > 4294967295 ? 1 : 0)) | 0;
  }
}

/** Upper 32 bits of the unsigned product of two 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}
