// User table functions of the golden cases.

/** Words with their lengths. */
export function* words(text, separator) {
  for (const word of text.split(separator)) yield [word, word.length];
}
words.parameters = ["STRING", "STRING"];
words.columns = { word: "STRING", length: "INT" };

/** 1 … count, as plain values. */
export function numbers(count) {
  return Array.from({ length: count }, (_, i) => i + 1);
}
numbers.parameters = ["INT"];
numbers.columns = { n: "INT" };

/** Rows as objects; a row also for NULL. */
export function parts(value) {
  return value === null ? [{ kind: "nothing" }] : [{ kind: "text", value }, { kind: "length", value: String(value.length) }];
}
parts.parameters = ["STRING"];
parts.columns = { kind: "STRING NOT NULL", value: "STRING" };
parts.calledOnNull = true;

export function* failing(count) {
  for (let i = 0; i < count; i++) yield i;
  throw new Error("no more");
}
failing.parameters = ["INT"];
failing.columns = { n: "INT" };

export function liar() {
  return [["x"], ["y"]];
}
liar.columns = { n: "INT" };

export function notRows() {
  return 7;
}
notRows.columns = { n: "INT" };

export function noTypes() {
  return [];
}
noTypes.columns = { n: 1 };
