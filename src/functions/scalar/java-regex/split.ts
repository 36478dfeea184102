import type { JavaRegex } from "./translate.ts";

/**
 * The parts of a text between the matches. With a limit at most so many parts; without one, empty parts at the end are
 * left out, as in Java.
 */
export function javaSplit(text: string, pattern: JavaRegex, limit = 0): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let found = false;
  for (const match of text.matchAll(pattern.regexp)) {
    if (limit > 0 && parts.length === limit - 1) break;
    // No empty part in front of an empty match at the beginning.
    if (match[0] === "" && match.index === 0) continue;
    if (match[0] === "" && match.index === text.length) break;
    parts.push(text.slice(start, match.index));
    start = match.index + match[0].length;
    found = true;
  }
  if (!found) return [text];
  parts.push(text.slice(start));
  if (limit === 0) while (parts.length > 0 && parts.at(-1) === "") parts.pop();
  return parts;
}
