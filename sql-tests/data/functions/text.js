// User functions of the golden cases.

/** `hello` reversed by code points. */
export function reversed(text) {
  return [...text].reverse().join("");
}

export function area(width, height) {
  return width * height;
}
area.parameters = ["BIGINT", "BIGINT"];
area.returns = "BIGINT";

export function describe(value) {
  return value === null ? "nothing" : `<${value}>`;
}
describe.parameters = ["STRING"];
describe.calledOnNull = true;

export function picky(value) {
  if (value > 2) throw new Error(`${value} is too much`);
  return value;
}
picky.parameters = ["INT"];
picky.returns = "INT";

export function wrongType() {
  return "x";
}
wrongType.returns = "NO SUCH TYPE";

/** A number where the result is a STRING. */
export function liar() {
  return 7;
}

export const constant = 3;

export default function shout(text) {
  return `${text.toUpperCase()}!`;
}
