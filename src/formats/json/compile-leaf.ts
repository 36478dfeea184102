import { isText } from "../../types/data-type.ts";
import type { CodeWriter } from "../code-writer.ts";
import {
  integerLimit,
  isFractional,
  isMillisTimestamp,
  READ_FRACTION,
  readTimestamp,
  storeFraction,
  storeInteger,
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
  const isNull = `if (dv.getInt32(p, true) !== 1819047278) break line; p += 4; ${code.nulls(slot)}[n] = 1; ${code.hasNull(slot)} = 1;`;
  const limit = integerLimit(type);
  if (isText(type)) {
    return code.line(`if (b[p] === 34) {
      s = ++p;
      while (p < le && (c = b[p]) !== 34 && c !== 92) p++;
      if (p >= le) break line;
      if (c === 92) { p = h.endOfEscaped(b, p, le); if (p < 0) break line; r.deferUnescape(${code.slot(slot)}, n); }
      ${code.array(slot, "starts")}[n] = s; ${code.array(slot, "lengths")}[n] = p - s; ${code.nulls(slot)}[n] = 0;
      p++;
    } else if (b[p] === 110) { ${isNull} } else { ${general} }`);
  }
  if (limit !== undefined) {
    return code.line(`c = b[p];
      if (c === 110) { ${isNull} }
      else {
        k = c === 45 ? 1 : 0;
        s = p + k;
        p = s;
        v = 0;
        while ((c = b[p] - 48) >= 0 && c <= 9) { v = v * 10 + c; p++; }
        if (p === s || p - s > 15 || ${isNumberByte(48)} || (b[s] === 48 && p - s > 1)) { p = s - k; ${general} }
        else {
          if (k === 1) v = 0 - v;
          if (v >= ${limit} || v < ${-limit}) break line;
          ${storeInteger(code, slot)}
        }
      }`);
  }
  if (isFractional(type)) {
    return code.line(`if (b[p] === 110) { ${isNull} }
      else {
        ${READ_FRACTION}
        if (k === 0 || ${isNumberByte(0)} || (b[s] === 48 && b[s + 1] >= 48 && b[s + 1] <= 57)) { p = s - t; ${general} }
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
      ${readTimestamp(code, slot, style, "break line;")}
      if (b[p++] !== 34) break line;
    } else { ${isNull} }`);
  }
  code.line(general);
}

/** Source: the byte `c` (less `offset`) goes on with a number (`.`, `e`, `E`). */
function isNumberByte(offset: number): string {
  return `c === ${46 - offset} || c === ${101 - offset} || c === ${69 - offset}`;
}

/** Source that lets the general reader read the value. */
function generalLeaf(code: CodeWriter, member: MemberPlan): string {
  const flags = member.slots.map((slot) => `${code.hasNull(slot)} |= ${code.nulls(slot)}[n];`).join(" ");
  return `p = h.leaf(b, p, le, ${code.constant(member)}, n); if (p < 0) break line; ${flags}`;
}
