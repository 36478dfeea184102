import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { crc32c } from "./crc32c.ts";

/** Bit by bit, as the definition says. */
function slowly(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
  }
  return ~sum >>> 0;
}

test("the vectors of RFC 3720", () => {
  const of = (bytes: Uint8Array): string => crc32c(bytes, 0, bytes.length).toString(16).padStart(8, "0");
  expect(of(Buffer.from("123456789"))).toBe("e3069283");
  expect(of(new Uint8Array(32))).toBe("8a9136aa");
  expect(of(new Uint8Array(32).fill(0xff))).toBe("62a8ab43");
  expect(of(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe("46dd794e");
});

test("any range of any bytes, also longer than one call of the loop", () => {
  const long = Uint8Array.from({ length: 150_001 }, (_, i) => (i * 31) ^ (i >> 8));
  expect(crc32c(long, 1, long.length)).toBe(slowly(long.subarray(1)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      expect(crc32c(bytes, from, bytes.length)).toBe(slowly(bytes.subarray(from)));
    }),
  );
});

test("where there is no WebAssembly, JavaScript gives the same", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  vi.resetModules();
  const module = await import("./crc32c.ts");
  expect(module.crc32c).not.toBe(crc32c);
  expect(module.crc32c(Buffer.from("x123456789"), 1, 10)).toBe(0xe3069283);
  vi.unstubAllGlobals();
});
