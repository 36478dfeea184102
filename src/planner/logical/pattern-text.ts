import type { MatchPattern } from "../../runtime/spec.ts";

/** A pattern as it is written; `names` are those of its variables. */
export function patternText(pattern: MatchPattern, names: readonly string[]): string {
  const part = (node: MatchPattern): string =>
    node.kind === "alternation" || node.kind === "sequence"
      ? `(${patternText(node, names)})`
      : patternText(node, names);
  switch (pattern.kind) {
    case "variable":
      return names[pattern.variable]!;
    case "sequence":
      return pattern.items.map(part).join(" ");
    case "alternation":
      return pattern.branches.map((branch) => patternText(branch, names)).join(" | ");
    case "exclusion":
      return `{- ${patternText(pattern.pattern, names)} -}`;
    case "repetition":
      return `${part(pattern.pattern)}${quantifierText(pattern)}`;
  }
}

function quantifierText({ minimum, maximum, reluctant }: Extract<MatchPattern, { kind: "repetition" }>): string {
  const mark = reluctant ? "?" : "";
  if (minimum === 0 && maximum === 1) return `?${mark}`;
  if (maximum < 0) return `${minimum === 0 ? "*" : minimum === 1 ? "+" : `{${minimum},}`}${mark}`;
  return `{${minimum === maximum ? minimum : `${minimum},${maximum}`}}${mark}`;
}
