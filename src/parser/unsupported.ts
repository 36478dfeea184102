import type { Cursor } from "./cursor.ts";

/** Statements of Flink that are refused by name, longest first where one begins another. */
const REFUSED: readonly (readonly [words: string, name: string, hint?: string])[] = [
  ["CREATE TEMPORARY MODEL", "CREATE MODEL"],
  ["CREATE MODEL", "CREATE MODEL"],
  ["CREATE TEMPORARY CONNECTION", "CREATE CONNECTION"],
  ["CREATE TEMPORARY SYSTEM CONNECTION", "CREATE CONNECTION"],
  ["CREATE CONNECTION", "CREATE CONNECTION"],
  ["DROP TEMPORARY MODEL", "DROP MODEL"],
  ["DROP MODEL", "DROP MODEL"],
  ["DROP CONNECTION", "DROP CONNECTION"],
  ["ALTER MODEL", "ALTER MODEL"],
  ["SHOW CREATE MODEL", "SHOW CREATE MODEL"],
  ["SHOW CREATE FUNCTION", "SHOW CREATE FUNCTION"],
  ["SHOW CREATE DATABASE", "SHOW CREATE DATABASE"],
  ["SHOW CATALOG", "SHOW CATALOG"],
  ["DESCRIBE DATABASE", "DESCRIBE DATABASE"],
  ["DESCRIBE MODEL", "DESCRIBE MODEL"],
  ["DESC DATABASE", "DESCRIBE DATABASE"],
  ["DESC MODEL", "DESCRIBE MODEL"],
  ["ADD JAR", "ADD JAR", "there is no Java here; functions are JavaScript"],
  ["REMOVE JAR", "REMOVE JAR"],
  ["UPSERT INTO", "UPSERT", "INSERT INTO a table with a primary key upserts"],
  ["MERGE INTO", "MERGE"],
  ["HELP", "HELP"],
  ["CLEAR", "CLEAR"],
  ["QUIT", "QUIT"],
  ["EXIT", "EXIT"],
];

/** Throws UNSUPPORTED when a statement of Flink starts here that millrace does not have. */
export function refuseUnsupported(c: Cursor): void {
  const found = REFUSED.find(([words]) => c.isWords(...words.split(" ")));
  if (found === undefined) return;
  const [words, name, hint] = found;
  const count = words.split(" ").length;
  // `DESCRIBE job`: a table of that name, when nothing follows.
  const follows = c.ahead(count);
  if (/^(?:DESC|USE)/.test(words) && (follows.kind === "end" || follows.text === ";" || follows.text === ".")) return;
  throw c.error("UNSUPPORTED", `${name} is not supported yet`, { start: c.start, end: c.ahead(count - 1).end }, hint);
}
