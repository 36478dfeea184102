import fc from "fast-check";
import { expect, test } from "vitest";
import { SqlError } from "../../../base/errors.ts";
import { crc32c } from "./crc32c.ts";
import { decodeAll, JAVA, javaBatch } from "./records.test-helper.ts";

/** Every batch of the bytes whose length is inside them gets the checksum that it has, so that mutations get further. */
function seal(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 61 <= bytes.length;) {
    const end = at + 12 + view.getInt32(at + 8);
    if (end > bytes.length || end < at + 61) return;
    view.setUint32(at + 17, crc32c(bytes, at + 21, end));
    at = end;
  }
}

test.each(Object.keys(JAVA.batches))(
  "changed bytes of '%s' are records or an SqlError, soon and in little memory",
  (name) => {
    const { bytes } = javaBatch(name);
    const edit = fc.tuple(
      // The header and the first records are where the numbers are.
      fc.oneof(fc.nat(bytes.length - 1), fc.nat(Math.min(120, bytes.length - 1))),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
    );
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        fc.nat(bytes.length),
        fc.boolean(),
        fc.boolean(),
        (edits, cut, checkCrcs, sealed) => {
          const changed = Uint8Array.from(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes);
          for (const [at, value] of edits) if (at < changed.length) changed[at] = value;
          if (sealed) seal(changed);
          try {
            const { nextOffset, records } = decodeAll(changed, {
              checkCrcs,
              maxBatchBytes: 1 << 20,
              aborted: [{ producerId: 11, firstOffset: 0 }],
              maxRecords: 3,
            });
            expect(nextOffset).toBeGreaterThanOrEqual(0);
            expect(records.length).toBeLessThanOrEqual(changed.length * 40 + 100);
          } catch (error) {
            expect(error).toBeInstanceOf(SqlError);
            expect((error as SqlError).message).toMatch(/^record batch of t-0 /);
          }
        },
      ),
      { numRuns: 400 },
    );
  },
);

test("any bytes at all", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      if (bytes.length > 16) bytes[16] = 2;
      if (bytes.length > 12) bytes.fill(0, 8, 11);
      seal(bytes);
      try {
        decodeAll(bytes, { maxBatchBytes: 1 << 20 });
      } catch (error) {
        expect(error).toBeInstanceOf(SqlError);
      }
    }),
    { numRuns: 2000 },
  );
});
