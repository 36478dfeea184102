import type { JsonNode } from "./document.ts";
import { JsonNumber, jsonNumber } from "./number.ts";
import { parseJsonPath } from "./path-parser.ts";
import { isDefinite, isDefiniteStep, type Condition, type Operand, type OperandPath, type Step } from "./path-steps.ts";

/** A path that leads nowhere although one value was meant; it does not leave this file. */
class PathNotFoundError extends Error {
  override readonly name = "PathNotFoundError";
}

/**
 * Finds the value of a path in a document: the value itself, or the array of all when the path may have several.
 * `undefined`: the path leads nowhere.
 */
export type JsonPath = (document: JsonNode) => JsonNode | undefined;

/** Throws PathSyntaxError for a path that cannot be read, UNSUPPORTED for what is not executed. */
export function compileJsonPath(path: string): JsonPath {
  const steps = parseJsonPath(path);
  const names = plainNames(steps);
  if (names !== undefined) return (document) => follow(names, document);
  const definite = isDefinite(steps);
  return (document) => {
    const found: JsonNode[] = [];
    try {
      walk(steps, 0, document, { root: document, definite: true, found });
    } catch (error) {
      if (error instanceof PathNotFoundError) return undefined;
      throw error;
    }
    return definite ? found.at(-1) : found;
  };
}

/** The names and indexes of a path like `$.a[0].b`; `undefined` for others. */
function plainNames(steps: readonly Step[]): readonly (string | number)[] | undefined {
  const names: (string | number)[] = [];
  for (const step of steps) {
    if (step.kind === "fields" && step.names.length === 1) names.push(step.names[0]!);
    else if (step.kind === "items" && step.indexes.length === 1) names.push(step.indexes[0]!);
    else return undefined;
  }
  return names;
}

function follow(names: readonly (string | number)[], document: JsonNode): JsonNode | undefined {
  let node: JsonNode | undefined = document;
  for (const name of names) {
    if (typeof name === "string") node = isObject(node) ? node.get(name) : undefined;
    else node = isArray(node) ? node[name < 0 ? node.length + name : name] : undefined;
    if (node === undefined) return undefined;
  }
  return node;
}

interface Walk {
  readonly root: JsonNode;
  /** All steps so far lead to one value. */
  readonly definite: boolean;
  readonly found: JsonNode[];
}

function isObject(node: JsonNode): node is ReadonlyMap<string, JsonNode> {
  return node instanceof Map;
}

function isArray(node: JsonNode): node is readonly JsonNode[] {
  return Array.isArray(node);
}

function walk(steps: readonly Step[], at: number, node: JsonNode, state: Walk): void {
  const step = steps[at];
  if (step === undefined) {
    state.found.push(node);
    return;
  }
  const last = at === steps.length - 1;
  const next: Walk = state.definite && !isDefiniteStep(step, last) ? { ...state, definite: false } : state;
  const go = (child: JsonNode): void => walk(steps, at + 1, child, next);
  switch (step.kind) {
    case "fields":
      walkFields(step.names, last, node, state.definite, next.definite, go);
      return;
    case "items":
      if (!isArray(node)) return notThere(state.definite, "the index needs an array");
      for (const index of step.indexes) {
        const item = node[index < 0 ? node.length + index : index];
        if (item !== undefined) go(item);
      }
      return;
    case "slice":
      if (!isArray(node)) return notThere(state.definite, "the slice needs an array");
      for (const item of node.slice(step.from ?? 0, step.to ?? node.length)) go(item);
      return;
    case "all":
      if (isObject(node)) for (const child of node.values()) go(child);
      else if (isArray(node)) for (const item of node) go(item);
      return;
    case "filter":
      if (isArray(node)) {
        for (const item of node) if (holds(step.condition, item, state.root)) go(item);
      } else if (isObject(node) && holds(step.condition, node, state.root)) {
        go(node);
      }
      return;
    case "scan":
      scan(steps, at + 1, node, { ...state, definite: false });
      return;
    case "function":
      go(applyFunction(step.name, node));
  }
}

function notThere(definite: boolean, why: string): void {
  if (definite) throw new PathNotFoundError(why);
}

function walkFields(
  names: readonly string[],
  last: boolean,
  node: JsonNode,
  definiteBefore: boolean,
  definite: boolean,
  go: (child: JsonNode) => void,
): void {
  if (!isObject(node))
    return notThere(definiteBefore, `Expected to find an object with property ['${names.join("','")}']`);
  if (names.length > 1 && last) {
    const present = names.filter((name) => node.has(name));
    go(new Map(present.map((name) => [name, node.get(name)!])));
    return;
  }
  for (const name of names) {
    const child = node.get(name);
    if (child !== undefined) go(child);
    else if (!last) notThere(definite, `Missing property in path ['${name}']`);
  }
}

/** The rest of the path from the node and from everything in it. */
function scan(steps: readonly Step[], at: number, node: JsonNode, state: Walk): void {
  const step = steps[at];
  if (step === undefined || fits(step, node)) walk(steps, at, node, state);
  if (isObject(node)) for (const child of node.values()) scan(steps, at, child, state);
  else if (isArray(node)) for (const item of node) scan(steps, at, item, state);
}

function fits(step: Step, node: JsonNode): boolean {
  if (step.kind === "fields") return isObject(node) && step.names.every((name) => node.has(name));
  if (step.kind === "items" || step.kind === "slice") return isArray(node);
  return true;
}

function holds(condition: Condition, item: JsonNode, root: JsonNode): boolean {
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item, root) && holds(condition.right, item, root);
    case "or":
      return holds(condition.left, item, root) || holds(condition.right, item, root);
    case "not":
      return !holds(condition.operand, item, root);
    case "exists":
      return valueAt(condition.path, item, root) !== undefined;
    case "compare":
      return compare(condition.operator, condition.left, condition.right, item, root);
  }
}

function valueAt(path: OperandPath, item: JsonNode, root: JsonNode): JsonNode | undefined {
  const found: JsonNode[] = [];
  walk(path.steps, 0, path.fromRoot ? root : item, { root, definite: false, found });
  return isDefinite(path.steps) ? found[0] : found.length === 0 ? undefined : found;
}

type Plain = string | number | boolean | null | undefined;

function plain(operand: Operand, item: JsonNode, root: JsonNode): Plain {
  switch (operand.kind) {
    case "path": {
      const node = valueAt(operand.path, item, root);
      if (node instanceof JsonNumber) return Number(node.text);
      return typeof node === "object" && node !== null ? undefined : node;
    }
    case "list":
      return undefined;
    default:
      return operand.value;
  }
}

function compare(operator: string, left: Operand, right: Operand, item: JsonNode, root: JsonNode): boolean {
  const a = plain(left, item, root);
  if (operator === "in" || operator === "nin") {
    const values = right.kind === "list" ? right.values : [];
    return values.some((value) => plain(value, item, root) === a) === (operator === "in");
  }
  const b = plain(right, item, root);
  if (operator === "==" || operator === "===") return a === b;
  if (operator === "!=" || operator === "!==") return a !== b;
  if (typeof a !== typeof b || (typeof a !== "number" && typeof a !== "string")) return false;
  const [x, y] = [a, b as typeof a];
  if (operator === "<") return x < y;
  if (operator === "<=") return x <= y;
  return operator === ">" ? x > y : x >= y;
}

function applyFunction(name: string, node: JsonNode): JsonNode {
  switch (name) {
    case "length":
    case "size":
      if (isArray(node)) return jsonNumber(String(node.length));
      return isObject(node) ? jsonNumber(String(node.size)) : null;
    case "keys":
      return isObject(node) ? [...node.keys()] : null;
    case "first":
    case "last":
      if (!isArray(node) || node.length === 0) throw new PathNotFoundError(`${name}() needs an array with items`);
      return (name === "first" ? node[0] : node.at(-1))!;
    default:
      return summary(name, isArray(node) ? node : []);
  }
}

function summary(name: string, items: readonly JsonNode[]): JsonNode {
  const numbers = items.filter((item) => item instanceof JsonNumber).map((item) => Number(item.text));
  if (numbers.length === 0) throw new PathNotFoundError(`${name}() needs an array with numbers`);
  const sum = numbers.reduce((total, value) => total + value, 0);
  const result =
    name === "min"
      ? Math.min(...numbers)
      : name === "max"
        ? Math.max(...numbers)
        : name === "sum"
          ? sum
          : sum / numbers.length;
  return jsonNumber(Number.isInteger(result) ? `${result}.0` : String(result));
}
