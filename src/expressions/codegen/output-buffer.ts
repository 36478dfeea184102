import { ByteWriter } from "../../base/byte-writer.ts";
import type { Column } from "../../batch/column.ts";
import type { Value } from "../../types/data-type.ts";
import type { OutputPlan } from "./output.ts";

/** The arrays of one output column while a kernel writes it. Which are there depends on the storage. */
export interface OutputBuffer {
  values?: Uint8Array | Int32Array | BigInt64Array | Float64Array | Value[] | undefined;
  starts?: Int32Array | undefined;
  lengths?: Int32Array | undefined;
  writer?: ByteWriter | undefined;
  nulls?: Uint8Array | undefined;
  /** Set by the kernel. */
  anyNull: boolean;
}

/** Fresh arrays for up to `capacity` rows. */
export function createOutputBuffer(plan: OutputPlan, capacity: number): OutputBuffer {
  const nulls = plan.nullable ? new Uint8Array(capacity) : undefined;
  switch (plan.storage) {
    case "bool":
      return { values: new Uint8Array(capacity), nulls, anyNull: false };
    case "i32":
      return { values: new Int32Array(capacity), nulls, anyNull: false };
    case "i64":
      return { values: new BigInt64Array(capacity), nulls, anyNull: false };
    case "f64":
      return { values: new Float64Array(capacity), nulls, anyNull: false };
    case "i128":
      return { values: new BigInt64Array(2 * capacity), nulls, anyNull: false };
    case "bytes": {
      const writer = plan.shared === undefined ? new ByteWriter(capacity * 16) : undefined;
      return { starts: new Int32Array(capacity), lengths: new Int32Array(capacity), writer, nulls, anyNull: false };
    }
    case "any":
      return { values: [], nulls, anyNull: false };
  }
}

/** The written column, in the buffer's arrays. `shared`: the array that a `bytes` column without a writer points into. */
export function outputColumn(plan: OutputPlan, buffer: OutputBuffer, shared: Uint8Array | undefined): Column {
  const nulls = buffer.anyNull ? buffer.nulls : undefined;
  switch (plan.storage) {
    case "bool":
      return { storage: "bool", values: buffer.values as Uint8Array, nulls };
    case "i32":
      return { storage: "i32", values: buffer.values as Int32Array, nulls };
    case "i64":
      return { storage: "i64", values: buffer.values as BigInt64Array, nulls };
    case "i128":
      return { storage: "i128", values: buffer.values as BigInt64Array, nulls };
    case "f64":
      return { storage: "f64", values: buffer.values as Float64Array, nulls };
    case "bytes":
      return {
        storage: "bytes",
        starts: buffer.starts!,
        lengths: buffer.lengths!,
        data: shared ?? writtenBytes(buffer),
        nulls,
      };
    case "any":
      return { storage: "any", values: buffer.values as Value[], nulls };
  }
}

function writtenBytes({ writer }: OutputBuffer): Uint8Array {
  return writer === undefined ? new Uint8Array(0) : writer.bytes.subarray(0, writer.length);
}
