import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nextMark, TextMarks } from "./text-marks.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The bytes of `data[from .. to)` at which a text may end. */
function slowly(data: Uint8Array, from: number, to: number): number[] {
  const found: number[] = [];
  for (let p = from; p < to; p++) if (data[p]! < 32 || data[p] === 34 || data[p] === 92) found.push(p);
  return found;
}

function marked({ bits }: TextMarks, from: number, to: number): number[] {
  const found: number[] = [];
  for (let p = nextMark(bits, from); p < to; p = nextMark(bits, p + 1)) found.push(p);
  return found;
}

const byte = fc.oneof(fc.constantFrom(34, 92, 10, 31, 32, 33, 35, 91, 93, 127, 128, 162, 220, 255), fc.nat(255));

describe.each(["with WebAssembly", "without"])("marks %s", (way) => {
  test("stand at quotes, backslashes and control characters, wherever a range begins and ends", async () => {
    if (way === "without") vi.stubGlobal("WebAssembly", undefined);
    vi.resetModules();
    const { TextMarks: Marks } = await import("./text-marks.ts");
    const marks = new Marks();
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
        // A line end stands behind the range, as behind every line.
        const data = Uint8Array.from([...bytes, 10]);
        const [from, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        data[end] = 10;
        marks.mark(data, from, end + 1);
        expect(marked(marks, from, end)).toEqual(slowly(data, from, end));
      }),
    );
  });
});

test("ranges longer than a block, one after the other", () => {
  const data = Uint8Array.from({ length: 200_001 }, (_, i) => ((i * 7919) ^ (i >> 5)) & 255);
  data[200_000] = 10;
  const marks = new TextMarks();
  marks.mark(data, 0, 70_001);
  marks.mark(data, 70_001, data.length);
  expect(marked(marks, 0, 200_000)).toEqual(slowly(data, 0, 200_000));
});
