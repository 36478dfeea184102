import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Piece } from "./produce-queue.ts";
import { UpsertBuffer } from "./upsert-buffer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function piece(text: string | null): Piece {
  const bytes = Buffer.from(`..${text ?? ""}.`);
  return { isNull: text === null, bytes, start: 2, end: bytes.length - 1 };
}

function buffer(maxRows: number) {
  const out: string[] = [];
  const text = ({ isNull, bytes, start, end }: Piece): string =>
    isNull ? "NULL" : Buffer.from(bytes.subarray(start, end)).toString();
  const subject = new UpsertBuffer({ maxRows, intervalMillis: 1000 }, (at, key, value) =>
    out.push(`${at} ${text(key)} ${text(value)}`),
  );
  return { subject, out };
}

test("of each key the last record goes out, when there are enough of them", () => {
  const { subject, out } = buffer(3);
  subject.put(1, piece("a"), piece("x"));
  subject.put(2, piece("b"), piece("y"));
  subject.put(3, piece("a"), piece(null));
  expect(out).toEqual([]);
  subject.put(4, piece("c"), piece("z"));
  expect(out).toEqual(["2 b y", "3 a NULL", "4 c z"]);
});

test("or after a while, or when it is asked for", () => {
  const { subject, out } = buffer(10);
  subject.put(1, piece("a"), piece("x"));
  vi.advanceTimersByTime(1000);
  expect(out).toEqual(["1 a x"]);
  subject.put(2, piece("a"), piece("y"));
  subject.flush();
  subject.put(3, piece("a"), piece("z"));
  subject.close();
  vi.advanceTimersByTime(1000);
  expect(out).toEqual(["1 a x", "2 a y"]);
});

test("what fails on time is told to the next record", () => {
  const subject = new UpsertBuffer({ maxRows: 10, intervalMillis: 1000 }, () => {
    throw new Error("too large");
  });
  subject.put(1, piece("a"), piece("x"));
  vi.advanceTimersByTime(1000);
  expect(() => subject.put(2, piece("a"), piece("y"))).toThrow("too large");
});
