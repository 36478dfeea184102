import { expect, test } from "vitest";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { decodeAll, encodeAll } from "../test-support.ts";
import { rawFormat } from "./format.ts";

test("lines as they are, even empty ones", () => {
  const text = "first line\n\nthird, with comma\r\nünïcødé\n  padded  ";
  for (const cuts of [[], [3, 1, 10], Array.from({ length: 60 }, () => 1)]) {
    const { rows } = decodeAll(rawFormat, text, { columns: { line: T.string() }, cuts, maxRows: 2 });
    expect(rows).toEqual([["first line"], [""], ["third, with comma"], ["ünïcødé"], ["  padded  "]]);
  }
  expect(encodeAll(rawFormat, { line: T.string() }, [["a"], [""], ["é"]])).toBe("a\n\né\n");
});

test.each([
  [T.bytes(), {}, [1, 255], new Uint8Array([1, 255])],
  [T.boolean(), {}, [1], true],
  [T.tinyint(), {}, [255], -1],
  [T.smallint(), {}, [1, 2], 258],
  [T.int(), {}, [0, 0, 1, 0], 256],
  [T.int(), { endianness: "little-endian" }, [0, 1, 0, 0], 256],
  [T.bigint(), {}, [255, 255, 255, 255, 255, 255, 255, 254], -2n],
  [T.float(), {}, [0x3f, 0x80, 0, 0], 1],
  [T.double(), {}, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], 1],
  [T.string(), { charset: "ISO-8859-1" }, [0xe9], "é"],
  [T.string(), { charset: "UTF-16BE" }, [0, 97], "a"],
] as [DataType, Record<string, string>, number[], Value][])("%o %o", (type, options, bytes, value) => {
  const columns = { v: type };
  expect(decodeAll(rawFormat, new Uint8Array([...bytes, 10]), { columns, options }).rows).toEqual([[value]]);
  const written = encodeAll(rawFormat, columns, [[value]], options);
  if (bytes.every((byte) => byte < 128)) expect([...Buffer.from(written)]).toEqual([...bytes, 10]);
});

test("what does not fit", () => {
  expect(() => decodeAll(rawFormat, "abc\n", { columns: { v: T.int() } })).toThrow("has 4 bytes, but the record has 3");
  expect(() => encodeAll(rawFormat, { v: T.string() }, [[null]])).toThrow("cannot write NULL as a line");
  expect(() => decodeAll(rawFormat, "", { columns: { v: T.array(T.int()) } })).toThrow(
    "doesn't support the type ARRAY",
  );
  expect(() => decodeAll(rawFormat, "", { columns: { a: T.int(), b: T.int() } })).toThrow(
    "only supports single physical column",
  );
  const options = { charset: "EBCDIC" };
  expect(() => decodeAll(rawFormat, "", { columns: { v: T.string() }, options })).toThrow("cannot be 'EBCDIC'");
});
