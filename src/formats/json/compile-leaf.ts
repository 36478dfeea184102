import { isText } from "../../types/data-type.ts";
import type { CodeWriter } from "../code-writer.ts";
import {
  integerLimit,
  isFractional,
  isMillisTimestamp,
  READ_FRACTION,
  readTimestamp,
  storeFraction,
} from "../emit-values.ts";
import type { CompileContext } from "./compile.ts";
import type { MemberPlan } from "./plan.ts";

/**
 * Emits the code that reads one wanted value at `p` into its column. Forms that are rare for the type (a number in
 * quotes, an exponent) go to the general reader, alone or with the whole line.
 */
export function emitLeaf(code: CodeWriter, member: MemberPlan, context: CompileContext): void {
  const slot = member.slot!;
  const { type } = slot;
  const general = generalLeaf(code, member);
  if (member.extracts.length > 0) return code.line(general);
  const isNull = `if (dv.getInt32(p, true) !== 1819047278) return -1; p += 4; ${code.nulls(slot)}[n] = 1;`;
  const limit = integerLimit(type);
  if (isText(type)) {
    return code.line(`if (b[p] === 34) {
      s = p + 1;
      p = nextMark(m, s);
      c = b[p];
      if (c === 92) {
        q = p; p = h.endOfEscaped(b, m, p); if (p < 0) return -1;
        r.deferUnescape(${slot.index}, n, q);
      } else if (c !== 34) return -1;
      ${code.array(slot, "starts")}[n] = s; ${code.array(slot, "lengths")}[n] = p - s;
      p++;
    } else if (b[p] === 110) { ${isNull} } else { ${general} }`);
  }
  if (limit !== undefined) {
    const values = code.array(slot, "i32");
    const read = type.kind === "BIGINT" ? `readLong(b, p, ${values}, n)` : `readInt(b, p, ${values}, n, ${limit})`;
    return code.line(`q = ${read};
      if (q >= 0) p = q;
      else if (b[p] === 110) { ${isNull} }
      else { ${general} }`);
  }
  if (isFractional(type)) {
    return code.line(`if (b[p] === 110) { ${isNull} }
      else {
        ${READ_FRACTION}
        if (k === 0 || ${IS_NUMBER_BYTE} || (b[s] === 48 && b[s + 1] >= 48 && b[s + 1] <= 57)) { p = s - t; ${general} }
        else { ${storeFraction(code, slot, `p = s - t; ${general}`)} }
      }`);
  }
  if (type.kind === "BOOLEAN") {
    return code.line(`k = dv.getInt32(p, true);
      if (k === 1702195828) { p += 4; ${code.array(slot, "u8")}[n] = 1; ${code.nulls(slot)}[n] = 0; }
      else if (k === 1936482662 && b[p + 4] === 101) { p += 5; ${code.array(slot, "u8")}[n] = 0; ${code.nulls(slot)}[n] = 0; }
      else { ${general} }`);
  }
  if (isMillisTimestamp(type)) {
    const style = type.kind === "TIMESTAMP" ? context.timestamp : context.timestampLtz;
    return code.line(`if (b[p] === 34) {
      p++;
      ${readTimestamp(code, slot, style, "return -1;")}
      if (b[p++] !== 34) return -1;
    } else { ${isNull} }`);
  }
  code.line(general);
}

/** Source: the byte `c` goes on with a number (`.`, `e`, `E`). */
const IS_NUMBER_BYTE = "c === 46 || c === 101 || c === 69";

/** Source that lets the general reader read the value. */
function generalLeaf(code: CodeWriter, member: MemberPlan): string {
  return `p = h.leaf(b, p, ${code.constant(member)}, n); if (p < 0) return -1;`;
}
