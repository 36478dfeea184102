import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Connector, ScanColumn, TableRequest } from "../../connectors/api.ts";
import { call, column, type Expr } from "../../expressions/expr.ts";
import type { OperatorSpec } from "../../runtime/spec.ts";
import { canCast, sameType } from "../../types/coerce.ts";
import { withNullable, type DataType, type Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { selectList } from "./describe.ts";
import { typesOf, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/**
 * The columns as the connector has them: metadata comes in the connector's type, whatever type the table declares for it.
 * What the format of the records converts itself stays as declared.
 */
export function nativeColumns(connector: Connector, columns: readonly ScanColumn[]): readonly ScanColumn[] {
  return columns.map((c) => (c.kind === "metadata" ? { ...c, type: nativeType(connector, c.key) ?? c.type } : c));
}

/** Casts the metadata columns of a scan to the types that the table declares. */
export function declaredMetadata(
  lowering: Lowering,
  scan: Draft,
  columns: readonly ScanColumn[],
  span: Span | undefined,
): Draft {
  const targets = columns.map(({ type }) => type);
  return cast(lowering, scan, targets, (index, from, to) => {
    const key = columns[index]?.kind === "metadata" ? columns[index].key : "";
    return new SqlError(
      "TYPE_MISMATCH",
      `Invalid data type for metadata column '${scan.fields[index]?.name ?? key}'. The column cannot be declared as '${typeText(to)}' because the type must be castable from metadata type '${typeText(from)}'.`,
      { span },
    );
  });
}

/** Casts the metadata columns of an INSERT to the types that the connector writes. Throws for those it does not write. */
export function writtenMetadata(
  lowering: Lowering,
  input: Draft,
  connector: Connector,
  request: TableRequest,
  span: Span | undefined,
): Draft {
  const { written } = request;
  if (written === undefined) return input;
  for (const one of written) {
    if (one.kind !== "metadata" || connector.writableMetadata?.includes(one.key) === true) continue;
    const keys = connector.writableMetadata ?? [];
    throw new SqlError(
      "SINK_MISMATCH",
      `Table '${request.table}' declares the metadata '${one.key}', which the connector '${connector.name}' cannot write${keys.length === 0 ? "" : `; it writes ${keys.join(", ")}`}`,
      { span, hint: "declare the column as VIRTUAL, so that an INSERT leaves it out" },
    );
  }
  const targets = nativeColumns(connector, written).map(({ type }) => type);
  return cast(lowering, input, targets, (index, from, to) => {
    return new SqlError(
      "TYPE_MISMATCH",
      `Invalid data type for metadata column '${input.fields[index]?.name ?? ""}'. The column cannot be declared as '${typeText(from)}' because the type must be castable to metadata type '${typeText(to)}'.`,
      { span },
    );
  });
}

function nativeType(connector: Connector, key: string): DataType | undefined {
  return connector.metadata.find((metadata) => metadata.key === key)?.type;
}

function cast(
  lowering: Lowering,
  input: Draft,
  targets: readonly DataType[],
  refused: (index: number, from: DataType, to: DataType) => SqlError,
): Draft {
  const projections = input.fields.map(({ type }, i): Expr => {
    const target = targets[i]!;
    if (sameType(withNullable(type, true), withNullable(target, true))) return column(i, type);
    if (!canCast(type, target)) throw refused(i, type, target);
    return call("CAST", [column(i, type)], withNullable(target, type.nullable || target.nullable));
  });
  if (projections.every((one) => one.kind === "column")) return input;
  const fields: Field[] = input.fields.map(({ name }, i) => ({ name, type: projections[i]!.type }));
  const spec: OperatorSpec = { kind: "calc", input: typesOf(input), projections };
  return lowering.node(spec, [input], `Calc(select=[${selectList(projections, input.fields, fields)}])`, fields);
}
