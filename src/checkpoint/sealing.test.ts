import { expect, test } from "vitest";
import { keyOf } from "./encryption-keys.ts";
import { newSeal, openText, sealed, sealText, unsealed, type Seal } from "./sealing.ts";

const KEY = keyOf(Buffer.alloc(32, 7));
const BLOCK = (1 << 18) + 16;

async function* of(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function seal(
  bytes: Uint8Array,
  by: Seal = newSeal(KEY),
): Promise<{ readonly bytes: Buffer; readonly by: Seal }> {
  return { bytes: await all(sealed(of(bytes), KEY, by, "state file")), by };
}

function open(bytes: Uint8Array, by: Seal, key = KEY): Promise<Buffer> {
  return all(unsealed(of(bytes), key, by, "state file", () => new Error("damaged")));
}

const SIZES = [0, 1, 1000, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3 << 18, (3 << 18) + 5];

function bytesOf(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255));
}

test.each(SIZES)("%d bytes come back, however they are cut", async (size) => {
  const plain = bytesOf(size);
  const { bytes, by } = await seal(plain);
  expect(bytes.length).toBe(size + 16 * Math.max(1, Math.ceil(size / (1 << 18))));
  expect((await open(bytes, by)).equals(plain)).toBe(true);
  const cuts = Array.from({ length: Math.ceil(bytes.length / 99_991) }, (_, i) =>
    bytes.subarray(i * 99_991, (i + 1) * 99_991),
  );
  const again = await all(unsealed(of(...cuts), KEY, by, "state file", () => new Error("damaged")));
  expect(again.equals(plain)).toBe(true);
  if (size > 100) expect(bytes.includes(plain.subarray(10, 60))).toBe(false);
});

test("what was cut off, put in another order, changed, or is another file does not open", async () => {
  const plain = bytesOf((3 << 18) + 5);
  const { bytes, by } = await seal(plain);
  const blocks = [0, 1, 2, 3].map((i) => bytes.subarray(i * BLOCK, (i + 1) * BLOCK));
  const changed = Buffer.from(bytes);
  changed[BLOCK + 3]! ^= 1;
  const bad: readonly (readonly [string, Uint8Array, Seal])[] = [
    ["without its last block", Buffer.concat(blocks.slice(0, 3)), by],
    ["without its first block", Buffer.concat(blocks.slice(1)), by],
    ["cut in a block", bytes.subarray(0, bytes.length - 1), by],
    ["empty", Buffer.alloc(0), by],
    ["in another order", Buffer.concat([blocks[1]!, blocks[0]!, blocks[2]!, blocks[3]!]), by],
    ["longer", Buffer.concat([bytes, blocks[3]!]), by],
    ["changed", changed, by],
    ["another file of the same key", (await seal(plain)).bytes, by],
    ["of another length, with this seal", (await seal(bytesOf(5), by)).bytes.subarray(0, 20), by],
  ];
  for (const [name, stored, seal_] of bad) {
    const outcome = await open(stored, seal_).catch((error: Error) => error.message);
    expect([name, outcome]).toEqual([name, "damaged"]);
  }
  await expect(open(bytes, by, keyOf(Buffer.alloc(32, 8)))).rejects.toThrow("damaged");
});

test("a text; one of another purpose does not open", () => {
  const by = newSeal(KEY);
  const text = sealText("{ ünïcode }", KEY, by, "metadata");
  expect(openText(text, KEY, by, "metadata", () => new Error("damaged"))).toBe("{ ünïcode }");
  expect(() => openText(text, KEY, by, "state file", () => new Error("damaged"))).toThrow("damaged");
});
