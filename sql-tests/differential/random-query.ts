/** Random queries over random small tables, in the words that Flink's dialect and DuckDB's have in common. */
import { CONDITION, RandomExpressions } from "./random-expressions.ts";
import { columnsOf, type Choice, type Column, type Source } from "./random-parts.ts";

/** A query and the columns of its result. */
export interface RandomQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** Tables that queries read; each has numbers and texts with NULLs and equal rows. */
export const TABLES: readonly Source[] = [
  { name: "t0", columns: columnsOf("a n", "b n", "c s") },
  { name: "t1", columns: columnsOf("a n", "d n", "c s") },
  { name: "t2", columns: columnsOf("b n", "e s") },
];

/** Rows of the tables: few values, so that they meet. */
export function randomRows(choice: Choice): readonly (readonly (readonly (number | string | null)[])[])[] {
  return TABLES.map(({ columns }) =>
    Array.from({ length: choice.upTo(8) }, () =>
      columns.map(({ type }) => {
        if (choice.chance(0.2)) return null;
        return type === "n" ? choice.upTo(4) : choice.one(["x", "y", "zz"]);
      }),
    ),
  );
}

/** The query of a choice. */
export function randomQuery(choice: Choice): RandomQuery {
  return new QueryGenerator(choice).query(2);
}

const SET_OPERATIONS = ["UNION ALL", "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"];

class QueryGenerator {
  readonly #choice: Choice;
  readonly #expressions: RandomExpressions;
  #aliases = 0;

  constructor(choice: Choice) {
    this.#choice = choice;
    this.#expressions = new RandomExpressions(choice, (depth, outer, type) => this.#subquery(depth, outer, type));
  }

  /** A whole query: SELECT or a set operation, perhaps limited in a total order. */
  query(depth: number, outer: readonly Source[] = []): RandomQuery {
    const choice = this.#choice;
    const body =
      depth > 0 && choice.chance(0.25) ? this.#setOperation(depth, outer) : this.#select(depth, outer, undefined);
    return choice.chance(0.15) ? this.#limited(body) : body;
  }

  /** ORDER BY every column, NULLs where both dialects are told to put them. */
  #limited({ sql, columns }: RandomQuery): RandomQuery {
    const choice = this.#choice;
    const order = columns.map(({ name }) => {
      const descending = choice.chance(0.5);
      return `${name} ${descending ? "DESC" : "ASC"} NULLS ${choice.chance(0.5) ? "FIRST" : "LAST"}`;
    });
    const offset = choice.chance(0.3) ? ` OFFSET ${1 + choice.upTo(2)}` : "";
    return {
      sql: `SELECT ${columns.map((c) => c.name).join(", ")} FROM (${sql}) AS ${this.#alias()} ORDER BY ${order.join(", ")} LIMIT ${1 + choice.upTo(4)}${offset}`,
      columns,
    };
  }

  #setOperation(depth: number, outer: readonly Source[]): RandomQuery {
    const choice = this.#choice;
    const left = this.#select(depth - 1, outer, undefined);
    const types = left.columns.map((c) => c.type);
    let sql = `(${left.sql})`;
    for (let n = 1 + choice.upTo(1); n > 0; n--) {
      const right = this.#select(depth - 1, outer, types);
      sql = `${sql} ${choice.one(SET_OPERATIONS)} (${right.sql})`;
    }
    // What comes first names the columns.
    return { sql, columns: left.columns };
  }

  /** `types`: what the columns have to be; undefined: anything. */
  #select(depth: number, outer: readonly Source[], types: readonly Column["type"][] | undefined): RandomQuery {
    const choice = this.#choice;
    const from = this.#from(depth);
    const scope = from.sources;
    const where = choice.chance(0.5) ? ` WHERE ${this.#expressions.condition(scope, outer, depth)}` : "";
    const wanted = types ?? Array.from({ length: 1 + choice.upTo(2) }, () => choice.one(["n", "n", "s"] as const));
    if (choice.chance(0.35)) return this.#grouped(`FROM ${from.sql}${where}`, scope, wanted, types === undefined);
    const items = wanted.map((type, i) => {
      const boolean = types === undefined && choice.chance(0.12);
      const value = boolean
        ? this.#expressions.condition(scope, outer, depth)
        : this.#expressions.value(type, scope, outer, depth);
      return { sql: `${value} AS r${i}`, column: { name: `r${i}`, type: boolean ? CONDITION : type } };
    });
    const distinct = choice.chance(0.15) ? "DISTINCT " : "";
    return {
      sql: `SELECT ${distinct}${items.map((i) => i.sql).join(", ")} FROM ${from.sql}${where}`,
      columns: items.map((i) => i.column),
    };
  }

  #grouped(
    rest: string,
    scope: readonly Source[],
    wanted: readonly Column["type"][],
    mayBeBoolean: boolean,
  ): RandomQuery {
    const choice = this.#choice;
    const keys = Array.from({ length: choice.upTo(2) }, () => this.#expressions.column(choice.one(["n", "s"]), scope));
    const different = [...new Set(keys)];
    const items = wanted.map((type, i) => {
      const ofType = different.filter((key) => this.#expressions.typeOf(key, scope) === type);
      const value =
        ofType.length > 0 && choice.chance(0.6) ? choice.one(ofType) : this.#expressions.aggregate(type, scope);
      return { sql: `${value} AS r${i}`, column: { name: `r${i}`, type } };
    });
    const sets = different.length > 0 && choice.chance(0.3);
    const grouping = sets
      ? choice.one([
          `GROUPING SETS ((${different.join(", ")}), (${different[0] ?? ""}), ())`,
          `ROLLUP(${different.join(", ")})`,
          `CUBE(${different.join(", ")})`,
        ])
      : different.join(", ");
    // A group without rows gives nothing in streaming mode.
    const having = [
      ...(sets || different.length === 0 ? ["COUNT(*) > 0"] : []),
      ...(choice.chance(0.3)
        ? [`${this.#expressions.aggregate("n", scope)} ${choice.one([">", "<="])} ${choice.upTo(3)}`]
        : []),
    ];
    const flag =
      sets && mayBeBoolean
        ? [{ sql: `GROUPING(${different[0]}) AS g`, column: { name: "g", type: "n" as const } }]
        : [];
    const all = [...items, ...flag];
    return {
      sql:
        `SELECT ${all.map((i) => i.sql).join(", ")} ${rest}` +
        (different.length === 0 ? "" : ` GROUP BY ${grouping}`) +
        (having.length === 0 ? "" : ` HAVING ${having.join(" AND ")}`),
      columns: all.map((i) => i.column),
    };
  }

  #from(depth: number): { readonly sql: string; readonly sources: readonly Source[] } {
    const choice = this.#choice;
    const first = this.#source(depth);
    let { sql } = first;
    const sources = [first.source];
    for (let n = choice.one([0, 0, 0, 1, 1, 2]); n > 0; n--) {
      if (depth > 0 && choice.chance(0.15)) {
        const lateral = this.#lateral(depth, sources);
        sql += lateral.sql;
        sources.push(lateral.source);
        continue;
      }
      const right = this.#source(depth);
      const kind = choice.one(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", ","]);
      const on = this.#joinCondition(kind, sources, right.source);
      sql += kind === "," ? `, ${right.sql}` : ` ${kind} ${right.sql}${on}`;
      // A comma binds looser than what follows it: later joins would not see what stands before it.
      if (kind === ",") n = 0;
      sources.push(right.source);
    }
    return { sql, sources };
  }

  #joinCondition(kind: string, left: readonly Source[], right: Source): string {
    const choice = this.#choice;
    if (kind === "CROSS JOIN" || kind === ",") return "";
    const type = choice.one(["n", "n", "s"] as const);
    const equal = `${this.#expressions.column(type, left)} = ${this.#expressions.column(type, [right])}`;
    if (kind === "FULL JOIN" || choice.chance(0.6)) return ` ON ${equal}`;
    const more = `${this.#expressions.column("n", left)} ${choice.one(["<", ">=", "<>"])} ${this.#expressions.column("n", [right])}`;
    return ` ON ${choice.chance(0.7) ? `${equal} AND ${more}` : more}`;
  }

  #source(depth: number): { readonly sql: string; readonly source: Source } {
    const choice = this.#choice;
    const alias = this.#alias();
    if (depth > 0 && choice.chance(0.25)) {
      const { sql, columns } = this.query(depth - 1);
      return { sql: `(${sql}) AS ${alias}`, source: { name: alias, columns } };
    }
    const table = choice.one(TABLES);
    return { sql: `${table.name} AS ${alias}`, source: { name: alias, columns: table.columns } };
  }

  #lateral(depth: number, left: readonly Source[]): { readonly sql: string; readonly source: Source } {
    const choice = this.#choice;
    const alias = this.#alias();
    const table = choice.one(TABLES);
    const inner: Source = { name: this.#alias(), columns: table.columns };
    const where = this.#expressions.correlation(inner, left);
    const order = table.columns.map(
      (c) => `${inner.name}.${c.name} ${choice.one(["DESC NULLS LAST", "ASC NULLS FIRST"])}`,
    );
    const value = this.#expressions.value("n", [inner], left, depth - 1);
    const form = choice.upTo(2);
    const top = form === 0 ? ` ORDER BY ${order.join(", ")} LIMIT ${1 + choice.upTo(1)}` : "";
    const item = form === 1 ? "COUNT(*)" : value;
    // Over nothing a streaming count that is not correlated has no row, where DuckDB has 0.
    const isCorrelated = left.some(({ name }) => where.includes(`${name}.`));
    const having = form === 1 && !isCorrelated ? " HAVING COUNT(*) > 0" : "";
    const query = `SELECT ${item} AS v FROM ${table.name} AS ${inner.name} WHERE ${where}${having}${top}`;
    const join = choice.chance(0.5)
      ? ` LEFT JOIN LATERAL (${query}) AS ${alias} ON TRUE`
      : ` CROSS JOIN LATERAL (${query}) AS ${alias}`;
    return { sql: join, source: { name: alias, columns: columnsOf("v n") } };
  }

  /** One column of a type, correlated or not. */
  #subquery(depth: number, outer: readonly Source[], type: Column["type"]): string {
    const choice = this.#choice;
    const source = this.#source(0);
    const inner = source.source;
    const item = this.#expressions.value(type, [inner], [], 0);
    const conditions = [
      ...(choice.chance(0.6) ? [this.#expressions.correlation(inner, outer)] : []),
      ...(choice.chance(0.3) ? [this.#expressions.condition([inner], outer, depth - 1)] : []),
    ];
    const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
    return `SELECT ${item} FROM ${source.sql}${where}`;
  }

  #alias(): string {
    return `q${this.#aliases++}`;
  }
}
