import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { walk, type MatchRecognize, type PatternVariable, type RowPattern } from "../../parser/index.ts";
import type { MatchPattern, MatchVariable } from "../../runtime/spec.ts";

/** A variable without its condition. */
export type Quantified = Omit<MatchVariable, "condition">;

/** Variables that go by one name together. */
export interface Subset {
  readonly name: string;
  readonly variables: readonly number[];
}

/** PATTERN and SUBSET of a MATCH_RECOGNIZE. */
export interface BoundPattern {
  readonly variables: readonly Quantified[];
  readonly subsets: readonly Subset[];
  /** Undefined: Flink takes the pattern and all conditions, and what it matches is what Flink matches. */
  readonly pattern: MatchPattern | undefined;
}

/** So many steps a pattern may have; a repetition has its steps for each time. */
const MOST_STEPS = 10_000;

/** So many repetitions without an end may stand in one another; the search counts them by bits. */
const DEEPEST_LOOPS = 30;

/** PERMUTE of more is more patterns than anyone means. */
const MOST_PERMUTED = 6;

/** Binds PATTERN and SUBSET. Throws PLANNING or INVALID_QUERY for what is no pattern, UNSUPPORTED for one that is too large. */
export function bindPattern(node: MatchRecognize): BoundPattern {
  const names = [...new Set(variablesOf(node.pattern).map((v) => v.variable.name))];
  const subsets = bindSubsets(node, names);
  const inSequence = flinkPattern(node);
  if (inSequence !== undefined) return { variables: inSequence, subsets, pattern: undefined };
  const pattern = convert(node.pattern, names);
  if (stepsOf(pattern) > MOST_STEPS) {
    throw new SqlError("UNSUPPORTED", `A pattern of more than ${MOST_STEPS} steps is not supported`, {
      span: node.pattern.span,
      hint: "what stands in front of {n} counts n times",
    });
  }
  if (loopsIn(pattern) > DEEPEST_LOOPS) {
    throw new SqlError("UNSUPPORTED", `More than ${DEEPEST_LOOPS} repetitions in one another are not supported`, {
      span: node.pattern.span,
    });
  }
  const variables = names.map((name, variable): Quantified => {
    const [minimum, maximum] = rowsOf(pattern, variable);
    return { name, minimum, maximum: maximum === Infinity ? -1 : maximum, reluctant: false };
  });
  return { variables, subsets, pattern };
}

/** How many rows of any match the pattern takes at least. */
export function leastRows(variables: readonly Quantified[]): number {
  return variables.reduce((sum, v) => sum + v.minimum, 0);
}

function refused(message: string, span: Span, hint?: string): SqlError {
  return new SqlError("PLANNING", message, { span, hint });
}

function bindSubsets({ subsets }: MatchRecognize, names: readonly string[]): readonly Subset[] {
  const known = new Set(names);
  return subsets.map(({ name, variables, span }) => {
    if (known.has(name.name))
      throw new SqlError("INVALID_QUERY", `'${name.name}' is already the name of a pattern variable`, { span });
    known.add(name.name);
    const numbers = variables.map((variable) => {
      const number = names.indexOf(variable.name);
      if (number < 0)
        throw new SqlError("INVALID_QUERY", `Unknown pattern '${variable.name}'`, { span: variable.span });
      return number;
    });
    return { name: name.name, variables: [...new Set(numbers)] };
  });
}

function variablesOf(pattern: RowPattern): readonly PatternVariable[] {
  switch (pattern.kind) {
    case "PatternVariable":
      return [pattern];
    case "PatternSequence":
    case "PatternPermutation":
      return pattern.items.flatMap(variablesOf);
    case "PatternAlternation":
      return pattern.branches.flatMap(variablesOf);
    case "PatternGroup":
    case "PatternExclusion":
      return variablesOf(pattern.pattern);
  }
}

/** The variables one after another, where Flink takes the pattern and what is asked of its rows. */
function flinkPattern(node: MatchRecognize): readonly Quantified[] | undefined {
  const items = node.pattern.kind === "PatternSequence" ? node.pattern.items : [node.pattern];
  const variables = items.flatMap((item) => (item.kind === "PatternVariable" ? [item] : []));
  if (variables.length < items.length || variables.length === 0) return undefined;
  if (new Set(variables.map((v) => v.variable.name)).size < variables.length) return undefined;
  const quantified = variables.map((v): Quantified => ({
    name: v.variable.name,
    ...boundsOf(v),
    reluctant: v.reluctant,
  }));
  return isOfFlink(quantified) && !asksBeyondFlink(node) ? quantified : undefined;
}

function isOfFlink(variables: readonly Quantified[]): boolean {
  const isOptional = ({ minimum, maximum }: Quantified): boolean => minimum === 0 && (maximum < 0 || maximum === 1);
  return (
    leastRows(variables) > 0 &&
    !variables.some((v) => v.reluctant && v.minimum === 0 && v.maximum === 1) &&
    !variables.some((v, i) => i > 0 && isOptional(v) && isGreedy(variables[i - 1]!)) &&
    !isGreedy(variables.at(-1)!)
  );
}

/** It takes as many rows as it can; `A?` and `A{3}` do not count as such. */
function isGreedy({ minimum, maximum, reluctant }: Quantified): boolean {
  return !reluctant && minimum !== maximum && !(minimum === 0 && maximum === 1);
}

/** Conditions that Flink does not have, or measures that look at rows beside the match. */
function asksBeyondFlink({ define, measures, subsets }: MatchRecognize): boolean {
  const subsetNames = new Set(subsets.map((s) => s.name.name));
  let beyond = false;
  const look = (expression: MatchRecognize["measures"][number]["expression"], inDefine: boolean): void =>
    walk(expression, (at) => {
      const part = at as typeof expression;
      if (part.kind === "ColumnRef" && part.parts.length > 1)
        beyond ||= inDefine && subsetNames.has(part.parts[0]!.name);
      if (part.kind !== "FunctionCall") return;
      const name = part.name.parts.at(-1)!.name.toUpperCase();
      const [, count] = part.args;
      if (name === "PREV" || name === "NEXT") beyond ||= !(inDefine && count?.kind === "Literal" && count.text === "0");
      if (name === "CLASSIFIER" || name === "MATCH_NUMBER") beyond ||= inDefine;
    });
  for (const { condition } of define) look(condition, true);
  for (const { expression } of measures) look(expression, false);
  return beyond;
}

function boundsOf({ minimum, maximum, span }: Pick<PatternVariable, "minimum" | "maximum" | "span">): {
  readonly minimum: number;
  readonly maximum: number;
} {
  if (maximum !== undefined && (maximum === 0 || maximum < minimum)) {
    throw refused(`The to should be a number greater than or equal to from: ${Math.max(1, minimum)}.`, span);
  }
  return { minimum, maximum: maximum ?? -1 };
}

function convert(node: RowPattern, names: readonly string[]): MatchPattern {
  switch (node.kind) {
    case "PatternVariable": {
      const pattern: MatchPattern = { kind: "variable", variable: names.indexOf(node.variable.name) };
      return repeated(pattern, node);
    }
    case "PatternGroup":
      return repeated(convert(node.pattern, names), node);
    case "PatternSequence":
      return { kind: "sequence", items: node.items.map((item) => convert(item, names)) };
    case "PatternAlternation":
      return { kind: "alternation", branches: node.branches.map((branch) => convert(branch, names)) };
    case "PatternExclusion":
      return { kind: "exclusion", pattern: convert(node.pattern, names) };
    case "PatternPermutation": {
      if (node.items.length > MOST_PERMUTED) {
        throw new SqlError("UNSUPPORTED", `PERMUTE of more than ${MOST_PERMUTED} patterns is not supported`, {
          span: node.span,
        });
      }
      const items = node.items.map((item) => convert(item, names));
      const branches = permutations(items).map((some): MatchPattern => ({ kind: "sequence", items: some }));
      return { kind: "alternation", branches };
    }
  }
}

function repeated(pattern: MatchPattern, node: Parameters<typeof boundsOf>[0] & { reluctant: boolean }): MatchPattern {
  const bounds = boundsOf(node);
  if (bounds.minimum === 1 && bounds.maximum === 1) return pattern;
  return { kind: "repetition", pattern, ...bounds, reluctant: node.reluctant };
}

/** All orders, those first in which the items that stand in front come first. */
function permutations(items: readonly MatchPattern[]): readonly (readonly MatchPattern[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [first, ...rest]),
  );
}

function stepsOf(node: MatchPattern): number {
  switch (node.kind) {
    case "variable":
      return 1;
    case "sequence":
      return node.items.reduce((sum, item) => sum + stepsOf(item), 0);
    case "alternation":
      return node.branches.reduce((sum, branch) => sum + stepsOf(branch), 1);
    case "exclusion":
      return stepsOf(node.pattern);
    case "repetition":
      return (stepsOf(node.pattern) + 1) * (node.maximum < 0 ? node.minimum + 1 : node.maximum);
  }
}

/** How many repetitions without an end stand in one another. */
function loopsIn(node: MatchPattern): number {
  switch (node.kind) {
    case "variable":
      return 0;
    case "sequence":
      return Math.max(0, ...node.items.map(loopsIn));
    case "alternation":
      return Math.max(...node.branches.map(loopsIn));
    case "exclusion":
      return loopsIn(node.pattern);
    case "repetition":
      return loopsIn(node.pattern) + (node.maximum < 0 ? 1 : 0);
  }
}

/** How many rows of a variable a match of the pattern has, at least and at most. */
function rowsOf(node: MatchPattern, variable: number): readonly [number, number] {
  const all = (nodes: readonly MatchPattern[]): readonly (readonly [number, number])[] =>
    nodes.map((each) => rowsOf(each, variable));
  switch (node.kind) {
    case "variable":
      return node.variable === variable ? [1, 1] : [0, 0];
    case "sequence":
      return all(node.items).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    case "alternation": {
      const branches = all(node.branches);
      return [Math.min(...branches.map((b) => b[0])), Math.max(...branches.map((b) => b[1]))];
    }
    case "exclusion":
      return rowsOf(node.pattern, variable);
    case "repetition": {
      const [least, most] = rowsOf(node.pattern, variable);
      const times = node.maximum < 0 ? Infinity : node.maximum;
      return [least * node.minimum, most === 0 ? 0 : most * times];
    }
  }
}
