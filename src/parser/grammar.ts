import type { Grammar } from "./cursor.ts";
import { parseExpression, parseTerm } from "./expression.ts";
import { parseQuery, parseQueryAfter } from "./query.ts";
import { parseType } from "./type.ts";

/** The productions that need each other. */
export const GRAMMAR: Grammar = {
  expression: parseExpression,
  term: parseTerm,
  query: parseQuery,
  queryAfter: parseQueryAfter,
  type: parseType,
};
