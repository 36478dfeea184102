import type { ObjectName } from "./ast/node.ts";
import type { Describe, Show, Use } from "./ast/statement.ts";
import { parsePartitionSpec } from "./catalog.ts";
import type { Cursor } from "./cursor.ts";

/** What follows the words of a SHOW. */
interface Form {
  /** A name that must follow, with FROM or IN before it or bare. */
  readonly object?: "bare" | "from" | undefined;
  /** `FROM | IN database` may follow. */
  readonly within?: boolean | undefined;
  /** `[NOT] LIKE 'pattern'` may follow. */
  readonly like?: boolean | undefined;
  /** `PARTITION (…)` may follow. */
  readonly partition?: boolean | undefined;
}

const FORMS: Readonly<Record<Show["what"], Form>> = {
  CATALOGS: { like: true },
  "CURRENT CATALOG": {},
  DATABASES: { within: true, like: true },
  "CURRENT DATABASE": {},
  TABLES: { within: true, like: true },
  VIEWS: { within: true, like: true },
  FUNCTIONS: { within: true, like: true },
  "USER FUNCTIONS": { within: true, like: true },
  MODULES: {},
  "FULL MODULES": {},
  COLUMNS: { object: "from", like: true },
  "CREATE TABLE": { object: "bare" },
  "CREATE VIEW": { object: "bare" },
  "CREATE CATALOG": { object: "bare" },
  "CREATE MATERIALIZED TABLE": { object: "bare" },
  PARTITIONS: { object: "bare", partition: true },
  PROCEDURES: { within: true, like: true },
  "MATERIALIZED TABLES": { within: true, like: true },
  MODELS: { within: true, like: true },
  JARS: {},
  JOBS: {},
};

/** A statement that starts with SHOW. */
export function parseShow(c: Cursor): Show {
  const { start } = c;
  c.expect("SHOW");
  const what = (Object.keys(FORMS) as Show["what"][]).find((words) => c.accept(...words.split(" ")));
  if (what === undefined) {
    if (c.accept("CREATE")) c.expectOne(["TABLE", "VIEW", "CATALOG", "MATERIALIZED TABLE"]);
    throw c.failExpected();
  }
  const form = FORMS[what];
  let name: ObjectName | undefined;
  if (form.object === "bare") {
    name = c.objectName("a name");
  } else if (form.object === "from" || (form.within === true && (c.accept("FROM") || c.accept("IN")))) {
    if (form.object === "from") c.expectOne(["FROM", "IN"]);
    name = c.objectName(form.object === "from" ? "a table name" : "a database name");
  }
  const like = form.like === true ? parseLike(c) : undefined;
  const partition = form.partition === true && c.isWord("PARTITION") ? parsePartitionSpec(c) : undefined;
  return { kind: "Show", span: c.span(start), what, name, partition, like };
}

function parseLike(c: Cursor): Show["like"] {
  const not = c.isWord("NOT");
  if (not) c.take();
  const word = c.acceptOne(["LIKE", "ILIKE"]);
  if (word === undefined) {
    if (not) throw c.failExpected();
    return undefined;
  }
  return { not, insensitive: word === "ILIKE", pattern: c.string("a pattern in single quotes") };
}

/** `DESCRIBE [EXTENDED] t`, `DESC t` */
export function parseDescribe(c: Cursor): Describe {
  const { start } = c;
  c.expectOne(["DESCRIBE", "DESC"]);
  const extended = c.isIdentifierAhead(1) && c.accept("EXTENDED");
  if (c.isWord("TABLE")) c.take();
  const name = c.objectName("a table name");
  return { kind: "Describe", span: c.span(start), extended, name };
}

/** `USE CATALOG c`, `USE d` */
export function parseUse(c: Cursor): Use {
  const { start } = c;
  c.expect("USE");
  const object = c.isIdentifierAhead(1) && c.accept("CATALOG") ? "CATALOG" : "DATABASE";
  const name = c.objectName(`a ${object.toLowerCase()} name`);
  return { kind: "Use", span: c.span(start), object, name };
}
