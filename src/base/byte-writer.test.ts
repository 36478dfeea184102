import { describe, expect, it } from "vitest";
import { ByteWriter } from "./byte-writer.ts";

function written(writer: ByteWriter): string {
  return new TextDecoder().decode(writer.bytes.subarray(0, writer.length));
}

describe("ByteWriter", () => {
  it.each([
    ["", 4],
    ["abc", 4],
    ["abcdefgh", 4],
    ["é", 1],
    ["aé世🙂z", 1],
    ["x".repeat(1000), 16],
    ["\ud800", 4],
  ])("writes %j into %d bytes that grow", (text, capacity) => {
    const writer = new ByteWriter(capacity);
    writer.text(text);
    expect(written(writer)).toBe(new TextDecoder().decode(new TextEncoder().encode(text)));
  });

  it.each([0, 1, 31, 32, 33, 500])("copies %d bytes from the middle of others", (length) => {
    const source = Uint8Array.from({ length: length + 4 }, (_, i) => i);
    const writer = new ByteWriter(8);
    writer.byte(255);
    writer.copy(source, 3, length);
    expect([...writer.bytes.subarray(0, writer.length)]).toEqual([255, ...source.subarray(3, 3 + length)]);
  });

  it("goes on after clear and keeps its room", () => {
    const writer = new ByteWriter(2);
    writer.text("long enough to grow");
    const { bytes } = writer;
    writer.clear();
    writer.text("new");
    expect(written(writer)).toBe("new");
    expect(writer.bytes).toBe(bytes);
  });

  it("makes room at least twice as large, or as much as is asked for", () => {
    const writer = new ByteWriter(10);
    writer.ensure(11);
    expect(writer.bytes).toHaveLength(20);
    writer.ensure(100);
    expect(writer.bytes).toHaveLength(100);
  });
});
