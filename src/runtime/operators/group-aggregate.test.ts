import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { AggregateCallSpec, GroupAggregateSpec } from "../spec.ts";
import { call } from "./test-support.ts";

function spec(
  input: readonly DataType[],
  keys: readonly number[],
  aggregates: readonly AggregateCallSpec[],
  more: Partial<GroupAggregateSpec> = {},
): GroupAggregateSpec {
  return {
    kind: "group-aggregate",
    input,
    keys,
    aggregates,
    retracting: false,
    updateBefore: true,
    ttlMillis: 0,
    ...more,
  };
}

const KV = [T.string(), T.int()] as const;

describe("group aggregate", () => {
  test("insert, update, no change", () => {
    const h = new Harness(
      spec(
        KV,
        [0],
        [
          call("COUNT", [], T.bigint(false)),
          call("SUM", [[1, T.int()]], T.int()),
          call("MAX", [[1, T.int()]], T.int()),
        ],
      ),
      { output: [T.string(), T.bigint(), T.int(), T.int()] },
    );
    h.push(batchOf(KV, "a 1\nb 2\na 5\na NULL"));
    expect(h.rows()).toEqual([
      "+I[a, 1, 1, 1]",
      "+I[b, 1, 2, 2]",
      "-U[a, 1, 1, 1]",
      "+U[a, 2, 6, 5]",
      "-U[a, 2, 6, 5]",
      "+U[a, 3, 6, 5]",
    ]);
    const max = new Harness(spec(KV, [0], [call("MAX", [[1, T.int()]], T.int())]), { output: [T.string(), T.int()] });
    expect(max.push(batchOf(KV, "a 5\na 1\na 7")).rows()).toEqual(["+I[a, 5]", "-U[a, 5]", "+U[a, 7]"]);
  });

  test("without update-before", () => {
    const h = new Harness(spec(KV, [0], [call("MIN", [[1, T.int()]], T.int())], { updateBefore: false }), {
      output: [T.string(), T.int()],
    });
    expect(h.push(batchOf(KV, "a 5\na 6\na 1")).rows()).toEqual(["+I[a, 5]", "+U[a, 1]"]);
  });

  test("retraction of min, max, sum, avg, distinct (conformance agg/retract_min_max)", () => {
    const S = [T.int()] as const;
    const h = new Harness(
      spec(
        S,
        [],
        [
          call("MIN", [[0, T.int()]], T.int()),
          call("MAX", [[0, T.int()]], T.int()),
          call("SUM", [[0, T.int()]], T.int()),
          call("AVG", [[0, T.int()]], T.int()),
          call("COUNT", [[0, T.int()]], T.bigint(false), { distinct: true }),
        ],
        { retracting: true },
      ),
      { output: [T.int(), T.int(), T.int(), T.int(), T.bigint()] },
    );
    h.push(batchOf(S, "+I 5\n+I 9\n-U 5\n+U 15\n+I 1\n-U 9\n+U -11\n-U 1\n+U 1\n-U 15\n+U 0"));
    expect(h.rows()).toEqual([
      "+I[5, 5, 5, 5, 1]",
      "-U[5, 5, 5, 5, 1]",
      "+U[5, 9, 14, 7, 2]",
      "-U[5, 9, 14, 7, 2]",
      "+U[9, 9, 9, 9, 1]",
      "-U[9, 9, 9, 9, 1]",
      "+U[9, 15, 24, 12, 2]",
      "-U[9, 15, 24, 12, 2]",
      "+U[1, 15, 25, 8, 3]",
      "-U[1, 15, 25, 8, 3]",
      "+U[1, 15, 16, 8, 2]",
      "-U[1, 15, 16, 8, 2]",
      "+U[-11, 15, 5, 1, 3]",
      "-U[-11, 15, 5, 1, 3]",
      "+U[-11, 15, 4, 2, 2]",
      "-U[-11, 15, 4, 2, 2]",
      "+U[-11, 15, 5, 1, 3]",
      "-U[-11, 15, 5, 1, 3]",
      "+U[-11, 1, -10, -5, 2]",
      "-U[-11, 1, -10, -5, 2]",
      "+U[-11, 1, -10, -3, 3]",
    ]);
  });

  test("last row of a key deletes it; a row taken from an unknown key is ignored", () => {
    const h = new Harness(spec(KV, [0], [call("COUNT", [], T.bigint(false))], { retracting: true }), {
      output: [T.string(), T.bigint()],
    });
    h.push(batchOf(KV, "-D x 1\n+I a 1\n-D a 1\n+I a 2\n-D a 2"));
    expect(h.rows()).toEqual(["+I[a, 1]", "-D[a, 1]", "+I[a, 1]", "-D[a, 1]"]);
    expect(h.push(batchOf(KV, "+I a 2")).rows()).toEqual(["+I[a, 1]"]);
  });

  test("texts: min, first, last, listagg", () => {
    const types = [T.int(), T.string()] as const;
    const text = T.string();
    const h = new Harness(
      spec(
        types,
        [0],
        [
          call("MIN", [[1, text]], text),
          call("FIRST_VALUE", [[1, text]], text),
          call("LAST_VALUE", [[1, text]], text),
          call("LISTAGG", [[1, text]], text),
        ],
      ),
      { output: [T.int(), text, text, text, text] },
    );
    h.push(batchOf(types, "1 b\n1 NULL\n1 a"));
    expect(h.rows()).toEqual(["+I[1, b, b, b, b]", "-U[1, b, b, b, b]", "+U[1, a, b, a, b,a]"]);
  });

  test("distinct with filters shares one set", () => {
    const types = [T.int(), T.int(), T.boolean()] as const;
    const h = new Harness(
      spec(
        types,
        [0],
        [
          call("COUNT", [[1, T.int()]], T.bigint(false), { distinct: true }),
          call("COUNT", [[1, T.int()]], T.bigint(false), { distinct: true, filter: 2 }),
          call("COUNT", [], T.bigint(false), { filter: 2 }),
        ],
      ),
      { output: [T.int(), T.bigint(), T.bigint(), T.bigint()] },
    );
    h.push(batchOf(types, "1 7 false\n1 7 true\n1 7 true\n1 NULL true\n1 8 NULL"));
    expect(h.rows()).toEqual([
      "+I[1, 1, 0, 0]",
      "-U[1, 1, 0, 0]",
      "+U[1, 1, 1, 1]",
      "-U[1, 1, 1, 1]",
      "+U[1, 1, 1, 2]",
      "-U[1, 1, 1, 2]",
      "+U[1, 1, 1, 3]",
      "-U[1, 1, 1, 3]",
      "+U[1, 2, 1, 3]",
    ]);
  });

  test("decimal sums overflow for ever", () => {
    const types = [T.decimal(38, 0)] as const;
    const h = new Harness(
      spec(
        types,
        [],
        [
          call("SUM", [[0, types[0]]], T.decimal(38, 0)),
          call("AVG", [[0, types[0]]], T.decimal(38, 6)),
          call("COUNT", [], T.bigint(false)),
        ],
      ),
      { output: [T.decimal(38, 0), T.decimal(38, 6), T.bigint()] },
    );
    h.push(batchOf(types, "60000000000000000000000000000000000000\n50000000000000000000000000000000000000\n-1"));
    expect(h.rows()).toEqual([
      "+I[60000000000000000000000000000000000000, NULL, 1]",
      "-U[60000000000000000000000000000000000000, NULL, 1]",
      "+U[NULL, NULL, 2]",
      "-U[NULL, NULL, 2]",
      "+U[NULL, NULL, 3]",
    ]);
  });
});
