import { isText } from "../../types/data-type.ts";
import type { CodeWriter } from "../code-writer.ts";
import type { CompileContext } from "./compile.ts";
import type { MemberPlan } from "./plan.ts";

/**
 * Emits the code that reads one wanted value at `p` into its column. Forms that are rare for the type (a number in
 * quotes, an exponent) leave the line to the general reader.
 */
export function emitLeaf(code: CodeWriter, member: MemberPlan, context: CompileContext): void {
  const slot = member.slot!;
  const { type } = slot;
  if (member.extracts.length > 0) return emitGeneral(code, member);
  const isNull = `if (dv.getInt32(p, true) !== 1819047278) break line; p += 4; ${code.nulls(slot)}[n] = 1; ${code.hasNull(slot)} = 1;`;
  if (isText(type)) {
    code.line(`if (b[p] === 34) {
      s = ++p;
      while (p < le && (c = b[p]) !== 34 && c !== 92) p++;
      if (p >= le) break line;
      if (c === 92) { p = h.endOfEscaped(b, p, le); if (p < 0) break line; r.deferUnescape(${code.slot(slot)}, n); }
      ${code.array(slot, "starts")}[n] = s; ${code.array(slot, "lengths")}[n] = p - s; ${code.nulls(slot)}[n] = 0;
      p++;
    } else if (b[p] === 110) { ${isNull} } else break line;`);
    return;
  }
  switch (type.kind) {
    case "TINYINT":
      return emitInteger(code, member, isNull, 128, `${code.array(slot, "i32")}[n] = v;`);
    case "SMALLINT":
      return emitInteger(code, member, isNull, 32768, `${code.array(slot, "i32")}[n] = v;`);
    case "INT":
      return emitInteger(code, member, isNull, 2147483648, `${code.array(slot, "i32")}[n] = v;`);
    case "BIGINT": {
      const words = code.array(slot, "i32");
      // Below 2^53 both words follow from the double.
      return emitInteger(code, member, isNull, 2 ** 53, `${words}[2 * n] = v; ${words}[2 * n + 1] = v >= 0 && v < 4294967296 ? 0 : Math.floor(v / 4294967296);`);
    }
    case "BOOLEAN":
      code.line(`k = dv.getInt32(p, true);
        if (k === 1702195828) { p += 4; ${code.array(slot, "u8")}[n] = 1; ${code.nulls(slot)}[n] = 0; }
        else if (k === 1936482662 && b[p + 4] === 101) { p += 5; ${code.array(slot, "u8")}[n] = 0; ${code.nulls(slot)}[n] = 0; }
        else { ${isNull} }`);
      return;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      if (type.precision > 3) break;
      return emitTimestamp(code, member, context, isNull);
    default:
  }
  emitGeneral(code, member);
}

function emitGeneral(code: CodeWriter, member: MemberPlan): void {
  const general = code.constant(member);
  code.line(`p = h.leaf(b, p, le, ${general}, n); if (p < 0) break line;`);
  for (const slot of member.slots) code.line(`${code.hasNull(slot)} |= ${code.nulls(slot)}[n];`);
}

function emitInteger(code: CodeWriter, member: MemberPlan, isNull: string, limit: number, store: string): void {
  const slot = member.slot!;
  code.line(`c = b[p];
    if (c === 110) { ${isNull} }
    else {
      k = c === 45 ? 1 : 0;
      s = p + k;
      p = s;
      v = 0;
      while ((c = b[p] - 48) >= 0 && c <= 9) { v = v * 10 + c; p++; }
      if (p === s || p - s > 15 || c === -2 || c === 53 || c === 21 || (b[s] === 48 && p - s > 1)) break line;
      if (k === 1) v = -v;
      if (v >= ${limit} || v < ${-limit}) break line;
      ${store} ${code.nulls(slot)}[n] = 0;
    }`);
}

/** `"yyyy-MM-dd HH:mm:ss.SSS"`: up to the minute it is mostly the text of the row before. */
function emitTimestamp(code: CodeWriter, member: MemberPlan, context: CompileContext, isNull: string): void {
  const slot = member.slot!;
  const style = slot.type.kind === "TIMESTAMP" ? context.timestamp : context.timestampLtz;
  const first = code.variable("0");
  const second = code.variable("0");
  const minute = code.variable("0");
  const values = code.array(slot, "f64");
  const zone = style.zone ? "if (b[p++] !== 90) break line;" : "";
  code.line(`if (b[p] === 34) {
      p++;
      if (p + 32 > size) break line;
      if (dv.getFloat64(p, true) !== ${first} || dv.getFloat64(p + 8, true) !== ${second}) {
        v = h.minuteMillis(b, p, ${style.separator});
        if (v !== v) break line;
        ${minute} = v; ${first} = dv.getFloat64(p, true); ${second} = dv.getFloat64(p + 8, true);
      }
      k = b[p + 17] - 48; c = b[p + 18] - 48;
      if (b[p + 16] !== 58 || k < 0 || k > 5 || c < 0 || c > 9) break line;
      v = ${minute} + (k * 10 + c) * 1000;
      p += 19;
      if (b[p] === 46) {
        s = ++p;
        k = 100;
        while ((c = b[p] - 48) >= 0 && c <= 9) { v += c * k; k = k === 100 ? 10 : k === 10 ? 1 : 0; p++; }
        if (p - s > 9) break line;
      }
      ${zone}
      if (b[p++] !== 34) break line;
      ${values}[n] = v; ${code.nulls(slot)}[n] = 0;
    } else { ${isNull} }`);
}
