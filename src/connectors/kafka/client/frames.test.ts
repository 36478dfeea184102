import { describe, expect, test } from "vitest";
import { AnswerBuffers } from "./answer-buffers.ts";
import { FrameAssembler, type Answer } from "./frames.ts";

function frame(correlationId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(payload.length + 4, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, payload]);
}

describe("answers from pieces", () => {
  const payloads = [Buffer.from("hello"), Buffer.alloc(0), Buffer.alloc(100_000, 7), Buffer.from("x")];
  const stream = Buffer.concat(payloads.map((payload, i) => frame(i, payload)));

  test.each([1, 3, 7, 8, 9, 13, 4096, 1 << 20])("cut every %i bytes, in a buffer that is used again", (size) => {
    const answers: Answer[] = [];
    const frames = new FrameAssembler((answer) => answers.push(answer), new AnswerBuffers());
    const reused = Buffer.alloc(size);
    for (let at = 0; at < stream.length; at += size) {
      const count = stream.copy(reused, 0, at, at + size);
      frames.push(reused.subarray(0, count));
      reused.fill(0xee);
    }
    expect(answers.map(({ correlationId, size: bytes }) => [correlationId, bytes])).toEqual(
      payloads.map((payload, i) => [i, payload.length + 4]),
    );
    answers.forEach(({ payload }, i) => expect(payload.equals(payloads[i] ?? Buffer.alloc(0))).toBe(true));
  });
});

describe("buffers for answers", () => {
  test("one that was given back is used again, at another size that fits", () => {
    const buffers = new AnswerBuffers();
    const first = buffers.take(1_000_000);
    buffers.give(first.buffer);
    const second = buffers.take(1_100_000);
    expect(second.length).toBe(1_100_000);
    expect(second.buffer).toBe(first.buffer);
    expect(buffers.take(1_000_000).buffer).not.toBe(second.buffer);
  });

  test("nothing is lent twice: giving back twice, or what is not ours, does nothing", () => {
    const buffers = new AnswerBuffers();
    const mine = buffers.take(100_000);
    buffers.give(mine.buffer);
    buffers.give(mine.buffer);
    buffers.give(new ArrayBuffer(100_000));
    expect(buffers.take(100_000).buffer).toBe(mine.buffer);
    expect(buffers.take(100_000).buffer).not.toBe(mine.buffer);
  });

  test("a small answer does not take a large buffer", () => {
    const buffers = new AnswerBuffers();
    const large = buffers.take(10_000_000);
    buffers.give(large.buffer);
    expect(buffers.take(100_000).buffer).not.toBe(large.buffer);
    expect(buffers.take(5_000_000).buffer).toBe(large.buffer);
  });
});
