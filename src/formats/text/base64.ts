import { asciiText } from "./numbers.ts";

const WHOLE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Four characters, padded where they hold fewer than three bytes, behind any blanks. */
const GROUP = /[\0- ]*([A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==))/y;

/**
 * Bytes written in base64, as Jackson reads them: padding must be there, blanks may stand around each group of four, and a
 * padded group may be followed by others. `undefined`: it is no such text.
 */
export function parseBase64(data: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const text = asciiText(data, start, end);
  if (WHOLE.test(text)) return new Uint8Array(Buffer.from(text, "base64"));
  const groups: Buffer[] = [];
  let at = 0;
  for (;;) {
    GROUP.lastIndex = at;
    const group = GROUP.exec(text);
    if (group === null) break;
    groups.push(Buffer.from(group[1]!, "base64"));
    at = GROUP.lastIndex;
  }
  return /^[\0- ]*$/.test(text.slice(at)) ? new Uint8Array(Buffer.concat(groups)) : undefined;
}
