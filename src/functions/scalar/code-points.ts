/** True when the text has only characters of one UTF-16 unit, so that positions in it are numbers of characters. */
export function isSimple(text: string): boolean {
  return !SURROGATE.test(text);
}

const SURROGATE = /[\ud800-\udfff]/;

/** The number of characters (code points). */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      count -= 1;
      i += 1;
    }
  }
  return count;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** The characters from `start` (from 0) up to `end`. */
export function sliceCharacters(text: string, start: number, end: number): string {
  return isSimple(text) ? text.slice(start, end) : [...text].slice(start, end).join("");
}

/** Where `piece` begins in `text`, counted in characters, not before character `from`; -1 when nowhere. Empty text is at 0. */
export function indexOfCharacters(text: string, piece: string, from: number): number {
  if (piece === "") return 0;
  if (isSimple(text)) return text.indexOf(piece, from);
  const at = text.indexOf(piece, [...text].slice(0, Math.max(0, from)).join("").length);
  return at < 0 ? -1 : countCharacters(text.slice(0, at));
}

/** The text backwards, character by character. */
export function reverseCharacters(text: string): string {
  return (isSimple(text) ? text.split("") : [...text]).reverse().join("");
}
