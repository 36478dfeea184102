import type { Cursor } from "./cursor.ts";

/** Statements of Flink that are refused by name, longest first where one begins another. */
const REFUSED: readonly (readonly [words: string, name: string, hint?: string])[] = [
  ["CREATE OR REPLACE TEMPORARY TABLE", "CREATE OR REPLACE TABLE"],
  ["CREATE OR REPLACE TABLE", "CREATE OR REPLACE TABLE", "use DROP TABLE IF EXISTS and CREATE TABLE"],
  ["CREATE OR REPLACE", "CREATE OR REPLACE", "use DROP … IF EXISTS and CREATE"],
  ["CREATE OR ALTER MATERIALIZED TABLE", "CREATE OR ALTER MATERIALIZED TABLE"],
  ["CREATE MATERIALIZED TABLE", "CREATE MATERIALIZED TABLE", "use CREATE TABLE … AS or INSERT INTO"],
  ["CREATE CATALOG", "CREATE CATALOG"],
  ["CREATE TEMPORARY MODEL", "CREATE MODEL"],
  ["CREATE MODEL", "CREATE MODEL"],
  ["CREATE TEMPORARY CONNECTION", "CREATE CONNECTION"],
  ["CREATE TEMPORARY SYSTEM CONNECTION", "CREATE CONNECTION"],
  ["CREATE CONNECTION", "CREATE CONNECTION"],
  ["REPLACE TABLE", "REPLACE TABLE", "use DROP TABLE IF EXISTS and CREATE TABLE"],
  ["DROP CATALOG", "DROP CATALOG"],
  ["DROP TEMPORARY MODEL", "DROP MODEL"],
  ["DROP MODEL", "DROP MODEL"],
  ["DROP MATERIALIZED TABLE", "DROP MATERIALIZED TABLE"],
  ["DROP CONNECTION", "DROP CONNECTION"],
  ["ALTER CATALOG", "ALTER CATALOG"],
  ["ALTER MODEL", "ALTER MODEL"],
  ["ALTER MATERIALIZED TABLE", "ALTER MATERIALIZED TABLE"],
  ["ALTER FUNCTION", "ALTER FUNCTION", "use DROP FUNCTION and CREATE FUNCTION"],
  ["ALTER TEMPORARY", "ALTER TEMPORARY FUNCTION", "use DROP FUNCTION and CREATE FUNCTION"],
  ["SHOW CREATE CATALOG", "SHOW CREATE CATALOG"],
  ["SHOW CREATE MATERIALIZED TABLE", "SHOW CREATE MATERIALIZED TABLE"],
  ["SHOW CREATE MODEL", "SHOW CREATE MODEL"],
  ["SHOW CREATE FUNCTION", "SHOW CREATE FUNCTION"],
  ["SHOW CREATE DATABASE", "SHOW CREATE DATABASE"],
  ["SHOW CATALOG", "SHOW CATALOG"],
  ["SHOW PARTITIONS", "SHOW PARTITIONS"],
  ["SHOW PROCEDURES", "SHOW PROCEDURES"],
  ["SHOW MATERIALIZED TABLES", "SHOW MATERIALIZED TABLES"],
  ["SHOW MODELS", "SHOW MODELS"],
  ["SHOW JARS", "SHOW JARS"],
  ["DESCRIBE CATALOG", "DESCRIBE CATALOG"],
  ["DESCRIBE DATABASE", "DESCRIBE DATABASE"],
  ["DESCRIBE FUNCTION", "DESCRIBE FUNCTION"],
  ["DESCRIBE MODEL", "DESCRIBE MODEL"],
  ["DESC CATALOG", "DESCRIBE CATALOG"],
  ["DESC DATABASE", "DESCRIBE DATABASE"],
  ["DESC FUNCTION", "DESCRIBE FUNCTION"],
  ["DESC MODEL", "DESCRIBE MODEL"],
  ["USE MODULES", "USE MODULES"],
  ["LOAD MODULE", "LOAD MODULE"],
  ["UNLOAD MODULE", "UNLOAD MODULE"],
  ["ADD JAR", "ADD JAR", "there is no Java here; functions are JavaScript"],
  ["REMOVE JAR", "REMOVE JAR"],
  ["COMPILE AND EXECUTE PLAN", "COMPILE AND EXECUTE PLAN"],
  ["COMPILE PLAN", "COMPILE PLAN"],
  ["EXECUTE PLAN", "EXECUTE PLAN"],
  ["ANALYZE TABLE", "ANALYZE TABLE"],
  ["TRUNCATE TABLE", "TRUNCATE TABLE"],
  ["DELETE FROM", "DELETE"],
  ["UPDATE", "UPDATE"],
  ["UPSERT INTO", "UPSERT", "INSERT INTO a table with a primary key upserts"],
  ["MERGE INTO", "MERGE"],
  ["CALL", "CALL"],
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
