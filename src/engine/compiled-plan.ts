import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Json } from "../base/json.ts";
import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { nodeFilesSync } from "../storage/file-system.ts";
import { ioError, makeDirectory, writeFileAtomic } from "../storage/files.ts";
import { dirname } from "node:path";
import { decodePlain, encodePlain } from "./plain-json.ts";
import type { Session } from "./session.ts";
import { millraceVersion } from "./version.ts";

/** Rises when plans of this form can no longer be read. */
const FORMAT = 1;

/** A job that was planned once and is started as it was planned, whatever later versions would make of its statement. */
export interface CompiledPlan {
  readonly statement: string;
  readonly targets: readonly string[];
  readonly graph: JobGraph;
}

/** The file of a plan: relative to the script, with or without `file:`. */
export function planFile(file: string, session: Session): string {
  const local = file.replace(/^file:(?:\/\/(?=\/))?/, "");
  if (/^[a-z][a-z0-9+.-]+:/i.test(local))
    throw new SqlError("UNSUPPORTED", `plans are kept in local files only, not in '${file}'`);
  return resolve(session.options.baseDirectory, local);
}

export function planExists(file: string): boolean {
  return existsSync(file);
}

/** Writes a plan. Throws PLANNING when the file is there and `table.plan.force-recompile` is not set. */
export function writePlan(file: string, plan: CompiledPlan, session: Session, span: Span): void {
  if (existsSync(file) && session.config.get("table.plan.force-recompile")?.toLowerCase() !== "true") {
    throw new SqlError("PLANNING", `Cannot overwrite the plan file '${file}'.`, {
      span,
      hint: "remove it, use IF NOT EXISTS, or set 'table.plan.force-recompile' to true",
    });
  }
  const graph = encodePlain(plan.graph);
  const { statement, targets } = plan;
  const document = {
    format: FORMAT,
    version: millraceVersion(),
    statement,
    targets,
    checksum: checksumOf([statement, targets, graph]),
    graph,
  };
  makeDirectory(dirname(file), nodeFilesSync);
  writeFileAtomic(file, Buffer.from(`${JSON.stringify(document, null, 2)}\n`), nodeFilesSync);
}

/** Reads a plan. Throws FILE_NOT_FOUND, INVALID_QUERY for what is no plan or was changed, UNSUPPORTED for one of a later format. */
export function readPlan(file: string, session: Session, span: Span): CompiledPlan {
  if (!existsSync(file)) throw new SqlError("FILE_NOT_FOUND", `the plan '${file}' does not exist`, { span });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw ioError("read", file, error);
  }
  const document = parse(text, file, span);
  const { format, graph, checksum, statement = "", targets = [] } = document;
  if (typeof format !== "number" || graph === undefined) throw noPlan(file, span);
  if (format !== FORMAT) {
    throw new SqlError("UNSUPPORTED", `the plan '${file}' has format ${format}; this version reads format ${FORMAT}`, {
      span,
      hint: "compile it again with COMPILE PLAN",
    });
  }
  if (checksum !== checksumOf([statement, targets, graph])) {
    throw new SqlError("INVALID_QUERY", `the plan '${file}' was changed after it was compiled, or is damaged`, {
      span,
      hint: "compile it again with COMPILE PLAN",
    });
  }
  const plan: CompiledPlan = {
    statement: statement as string,
    targets: targets as readonly string[],
    graph: decodePlain(graph) as JobGraph,
  };
  check(plan, session, span);
  return plan;
}

function parse(text: string, file: string, span: Span): { readonly [key: string]: Json | undefined } {
  try {
    const document = JSON.parse(text) as unknown;
    if (typeof document === "object" && document !== null) return document as { readonly [key: string]: Json };
  } catch {
    // Said below.
  }
  throw noPlan(file, span);
}

function noPlan(file: string, span: Span): SqlError {
  return new SqlError("INVALID_QUERY", `'${file}' is no compiled plan`, { span, hint: "COMPILE PLAN writes them" });
}

/** What a plan needs of the session: its connectors, with options that fit, and its functions. */
function check({ graph }: CompiledPlan, session: Session, span: Span): void {
  for (const { spec } of graph.nodes) {
    if (spec.kind === "scan") session.connectorOf(spec.table);
    else if (spec.kind === "sink" && spec.target.type === "table") session.connectorOf(spec.target.table);
  }
  const missing = functionsIn(graph).find((name) => !isKnown(name, session.functions));
  if (missing !== undefined) {
    throw new SqlError(
      "FUNCTION_NOT_FOUND",
      `the plan calls a function '${missing}', which this session does not have`,
      {
        span,
        hint: "CREATE FUNCTION it before EXECUTE PLAN",
      },
    );
  }
}

function isKnown(name: string, functions: FunctionRegistry): boolean {
  return functions.scalar(name) !== undefined || functions.aggregate(name) !== undefined;
}

/** Names of everything called in a graph. */
function functionsIn(graph: unknown): readonly string[] {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
    if (!Array.isArray(value)) {
      const { function: name } = value as { readonly function?: unknown };
      if (typeof name === "string") names.add(name);
    }
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(graph);
  return [...names];
}

function checksumOf(content: Json): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
