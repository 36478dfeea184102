import { SqlError } from "../../base/errors.ts";
import type { Expression, TableArgument, TableFunction } from "../../parser/index.ts";
import { isText, T, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Changelog, LogicalPlan } from "../logical/algebra.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { columnsOfPlan, project } from "./nodes.ts";
import { resolveColumn, tableScope, type Relation } from "./scope.ts";
import { namedArguments, required } from "./window-tvf.ts";

/** Names of the row kinds, by their number. */
const KINDS = ["INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"] as const;

const PARAMETERS = {
  TO_CHANGELOG: ["INPUT", "OP", "OP_MAPPING"],
  FROM_CHANGELOG: ["INPUT", "OP", "OP_MAPPING", "INVALID_OP_HANDLING"],
} as const;

type Name = keyof typeof PARAMETERS;

export function isChangelogFunction(name: string): name is Name {
  return Object.hasOwn(PARAMETERS, name);
}

/**
 * `TO_CHANGELOG(TABLE t [PARTITION BY k], …)`: changes as rows with the kind in a column. `FROM_CHANGELOG(…)`: the way back.
 * Output: the partition columns (TO: then the column of the kind), then the others.
 */
export function bindChangelogFunction(
  node: TableFunction,
  name: Name,
  env: Environment,
  bindInput: (table: TableArgument["table"]) => Relation,
): Relation {
  const args = namedArguments(node, PARAMETERS[name]);
  const data = required(args, "INPUT", node);
  if (data.kind !== "TableArgument")
    throw new SqlError("INVALID_QUERY", `The argument INPUT of ${name} must be a table: TABLE t`, { span: data.span });
  const input = bindInput(data.table);
  const scope = tableScope(input, [], undefined);
  const partition = data.partitionBy.map((key) => {
    const bound = bindExpression(key, { ...env, scope, clause: "PARTITION BY" });
    if (bound.kind === "column") return bound.index;
    throw new SqlError("UNSUPPORTED", `PARTITION BY of ${name} takes only columns`, { span: key.span });
  });
  const op = args.get("OP");
  const opName = op === undefined ? "op" : descriptorName(op, name);
  const mapping = mappingOf(args.get("OP_MAPPING"), env, name);
  if (name === "TO_CHANGELOG") return toChangelog(input, partition, opName, mapping, node);
  const column = op?.kind === "Descriptor" ? resolveColumn(scope, op.columns) : undefined;
  const index = column?.kind === "column" ? column.index : input.names.indexOf(opName);
  const type = input.plan.schema.fields[index]?.type;
  if (type === undefined || !isText(type)) throw noCodes(opName, type, node);
  const invalid = invalidHandling(args.get("INVALID_OP_HANDLING"), env);
  const codes = codesOf(mapping, node);
  const upsert = codes.some(([, kind]) => kind === 2) && !codes.some(([, kind]) => kind === 1);
  if (upsert && partition.length === 0) {
    throw new SqlError(
      "INVALID_QUERY",
      "FROM_CHANGELOG with UPDATE_AFTER and no UPDATE_BEFORE needs PARTITION BY the key",
      {
        span: node.span,
      },
    );
  }
  const plan: Changelog = {
    kind: "Changelog",
    schema: input.plan.schema,
    inputs: [input.plan],
    direction: "from",
    column: index,
    codes,
    invalid,
    upsertKey: upsert ? partition : undefined,
  };
  return arranged(plan, input.names, partition, [index], []);
}

function toChangelog(
  input: Relation,
  partition: readonly number[],
  opName: string,
  mapping: readonly (readonly [string, string])[],
  node: TableFunction,
): Relation {
  const codes = mapping.flatMap(([kinds, code]) =>
    kinds.split(",").map((kind): readonly [string, number] => [code, kindNumber(kind, node)]),
  );
  const { fields } = input.plan.schema;
  const plan: Changelog = {
    kind: "Changelog",
    schema: { fields: [...fields, { name: opName, type: T.string(false) }] },
    inputs: [input.plan],
    direction: "to",
    column: fields.length,
    codes,
    invalid: "skip",
    upsertKey: undefined,
  };
  return arranged(plan, [...input.names, opName], partition, [fields.length], [fields.length]);
}

/** Partition columns, then `lead`, then all but `without`. */
function arranged(
  plan: LogicalPlan,
  names: readonly string[],
  partition: readonly number[],
  without: readonly number[],
  lead: readonly number[],
): Relation {
  const others = names.map((_, i) => i).filter((i) => !partition.includes(i) && !without.includes(i));
  const order = [...partition, ...lead, ...others];
  const columns = columnsOfPlan(plan);
  const selected = order.map((i) => names[i]!);
  return {
    plan: project(
      plan,
      order.map((i) => columns[i]!),
      selected,
    ),
    names: selected,
  };
}

function descriptorName(node: Expression, name: string): string {
  if (node.kind === "Descriptor" && node.columns.length === 1) return node.columns[0]!.name;
  throw new SqlError("INVALID_QUERY", `The argument OP of ${name} must be one column: DESCRIPTOR(op)`, {
    span: node.span,
  });
}

/** Pairs of the map; by default each kind under its own name. */
function mappingOf(
  node: Expression | undefined,
  env: Environment,
  name: string,
): readonly (readonly [string, string])[] {
  if (node === undefined) return KINDS.map((kind) => [kind, kind]);
  const texts = node.kind === "MapConstructor" ? node.items.map((item) => constantText(item, env)) : [];
  if (texts.length === 0 || texts.includes(undefined)) {
    throw new SqlError("INVALID_QUERY", `The argument OP_MAPPING of ${name} must be a constant MAP of texts`, {
      span: node.span,
    });
  }
  const pairs = Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i]!, texts[2 * i + 1]!] as const);
  return pairs;
}

function constantText(node: Expression, env: Environment): string | undefined {
  const bound = bindExpression(node, env);
  return bound.kind === "literal" && typeof bound.value === "string" ? bound.value : undefined;
}

/** Codes of FROM_CHANGELOG, of which several may stand in one key: `'c, r'`. */
function codesOf(mapping: readonly (readonly [string, string])[], node: TableFunction): (readonly [string, number])[] {
  const codes = mapping.flatMap(([texts, kind]) =>
    texts.split(",").map((text): readonly [string, number] => [text.trim(), kindNumber(kind, node)]),
  );
  const twice = codes.find(([code], i) => codes.findIndex(([other]) => other === code) !== i);
  if (twice === undefined) return codes;
  throw new SqlError("INVALID_QUERY", `OP_MAPPING of FROM_CHANGELOG has the code '${twice[0]}' twice`, {
    span: node.span,
  });
}

function kindNumber(text: string, node: TableFunction): number {
  const kind = (KINDS as readonly string[]).indexOf(text.trim());
  if (kind >= 0) return kind;
  throw new SqlError("INVALID_QUERY", `OP_MAPPING has the unknown change '${text.trim()}'`, {
    span: node.span,
    hint: `one of ${KINDS.join(", ")}`,
  });
}

function invalidHandling(node: Expression | undefined, env: Environment): Changelog["invalid"] {
  if (node === undefined) return "fail";
  const text = constantText(node, env)?.toLowerCase();
  if (text === "fail" || text === "log" || text === "skip") return text;
  throw new SqlError("INVALID_QUERY", "INVALID_OP_HANDLING of FROM_CHANGELOG is 'FAIL', 'LOG' or 'SKIP'", {
    span: node.span,
  });
}

function noCodes(name: string, type: DataType | undefined, node: TableFunction): SqlError {
  const what = type === undefined ? "does not exist" : `is ${typeText(withoutTimeAttribute(type))}`;
  return new SqlError(
    "INVALID_QUERY",
    `The column '${name}' with the codes of FROM_CHANGELOG must be a STRING, but ${what}`,
    {
      span: node.span,
      hint: "name it with op => DESCRIPTOR(column)",
    },
  );
}
