import { nearest } from "../base/suggest.ts";

/** "did you mean 'FROM'?" when `word` is one of the keywords with a slip of the keyboard. */
export function misspelt(word: string, keywords: readonly string[]): string | undefined {
  if (keywords.includes(word)) return undefined;
  const found =
    keywords.find((keyword) => swapped(word, keyword)) ??
    nearest(
      word,
      keywords.filter((k) => k.length > 3),
    );
  return found === undefined || word.length < 3 ? undefined : `did you mean '${found}'?`;
}

/** Do the words differ by two neighbouring letters in the wrong order? */
function swapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
}
