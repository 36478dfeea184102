import { CONFIG_OPTIONS } from "../../engine/config.ts";
import type { Session } from "../../engine/session.ts";

/** As readline wants it: what may stand there, and the part of the line that it would replace. */
export type Completer = (line: string) => [candidates: string[], partial: string];

const STATEMENTS = words(`
  SELECT INSERT CREATE DROP ALTER SHOW DESCRIBE EXPLAIN SET RESET USE WITH VALUES EXECUTE STOP CHECKPOINT HELP QUIT CLEAR
`);

const KEYWORDS = words(`
  SELECT DISTINCT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET JOIN LEFT RIGHT FULL INNER CROSS ON USING UNION ALL INTERSECT
  EXCEPT AND OR NOT NULL IS IN EXISTS BETWEEN LIKE CASE WHEN THEN ELSE END AS CAST INTERVAL INSERT INTO VALUES CREATE TABLE VIEW
  TEMPORARY DATABASE FUNCTION IF WITH PRIMARY KEY ENFORCED WATERMARK FOR METADATA VIRTUAL PARTITIONED OVER PARTITION ROWS RANGE
  PRECEDING UNBOUNDED CURRENT ROW WINDOW TUMBLE HOP CUMULATE SESSION DESCRIPTOR MATCH_RECOGNIZE MEASURES PATTERN DEFINE AFTER
  MATCH SKIP UNNEST LATERAL TRUE FALSE DESC ASC DAY HOUR MINUTE SECOND
`);

const SHOWN = words(`
  TABLES VIEWS DATABASES CATALOGS FUNCTIONS JOBS MODULES COLUMNS CREATE CURRENT
`);

/** Words after which the name of a table stands. */
const BEFORE_TABLE =
  /(?:\b(?:from|join|into|describe|desc|table|view|columns\s+(?:from|in))\s+|\bfrom\s+[\w`., ]*,\s*)$/i;

/** Completes the line with what the session knows; `before`: the lines of the statement before this one. */
export function completer(session: Session, before: () => string): Completer {
  return (line) => {
    const option = /^\s*(?:re)?set\s+'([^']*)$/i.exec(line);
    if (option !== null) return optionNames(option[1]!);
    const partial = /[\w$]*$/.exec(line)![0];
    const text = `${before()}${line}`;
    const head = text.slice(0, text.length - partial.length);
    const owner = /([\w$]+)\.$/.exec(head)?.[1];
    if (owner !== undefined) return matching([...membersOf(session, owner, text)], partial);
    if (head.trim() === "") return matching(STATEMENTS, partial);
    if (/^\s*show\s+$/i.test(head)) return matching(SHOWN, partial);
    if (BEFORE_TABLE.test(head)) return matching([...tablesOf(session), ...databasesOf(session)], partial);
    return matching([...columnsIn(session, text), ...KEYWORDS, ...session.functions.names()], partial);
  };
}

function optionNames(partial: string): [string[], string] {
  const names = CONFIG_OPTIONS.map((o) => o.name).filter((name) => name.startsWith(partial));
  return [names.length === 1 ? [`${names[0]!}'`] : names, partial];
}

/** Words in the case in which they were begun; the names of tables and columns are case sensitive and stay. */
function matching(candidates: readonly string[], partial: string): [string[], string] {
  const wanted = partial.toLowerCase();
  const lower = partial !== "" && partial === wanted;
  const found = candidates
    .filter((name) => name.toLowerCase().startsWith(wanted))
    .map((name) => (lower && name === name.toUpperCase() ? name.toLowerCase() : name));
  return [[...new Set(found)].sort(), partial];
}

function tablesOf({ catalog }: Session): readonly string[] {
  return catalog.tableNames();
}

function databasesOf({ catalog }: Session): readonly string[] {
  return catalog.databaseNames();
}

/** Columns of all tables that the statement names. */
function columnsIn(session: Session, text: string): string[] {
  const mentioned = new Set(text.match(/[\w$]+/g));
  return tablesOf(session)
    .filter((name) => mentioned.has(name))
    .flatMap((name) => columnsOf(session, name));
}

/** After `owner.`: the columns of a table or of its alias, or the tables of a database. */
function membersOf(session: Session, owner: string, text: string): readonly string[] {
  const tables = tablesOf(session);
  if (tables.includes(owner)) return columnsOf(session, owner);
  const aliased = new RegExp(`([\\w$]+)(?:\\s+as)?\\s+${owner.replaceAll("$", "\\$")}\\b`, "i").exec(text)?.[1];
  if (aliased !== undefined && tables.includes(aliased)) return columnsOf(session, aliased);
  const { catalog } = session;
  if (!databasesOf(session).includes(owner)) return [];
  return catalog.tableNames({ catalog: catalog.current().catalog, database: owner });
}

function columnsOf({ catalog }: Session, table: string): string[] {
  const found = catalog.find(catalog.resolvePath([table]));
  return found === undefined ? [] : found.columns.map((c) => c.name);
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
