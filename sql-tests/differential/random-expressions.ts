import type { Choice, Column, Source } from "./random-parts.ts";

/** The type of conditions that stand as values. */
export const CONDITION = "b" as const;

const COMPARISONS = ["=", "<>", "<", "<=", ">", ">="];

/** Expressions over sources: values, conditions with subqueries, aggregates. */
export class RandomExpressions {
  readonly #choice: Choice;
  readonly #subquery: (depth: number, outer: readonly Source[], type: Column["type"]) => string;

  constructor(choice: Choice, subquery: (depth: number, outer: readonly Source[], type: Column["type"]) => string) {
    this.#choice = choice;
    this.#subquery = subquery;
  }

  /** A column of the type, or a constant where there is none. */
  column(type: Column["type"], sources: readonly Source[]): string {
    const all = sources.flatMap((s) => s.columns.filter((c) => c.type === type).map((c) => `${s.name}.${c.name}`));
    return all.length === 0 ? this.constant(type) : this.#choice.one(all);
  }

  typeOf(column: string, sources: readonly Source[]): Column["type"] | undefined {
    return sources.flatMap((s) => s.columns.filter((c) => `${s.name}.${c.name}` === column))[0]?.type;
  }

  constant(type: Column["type"]): string {
    if (type === "b") return this.#choice.one(["TRUE", "FALSE"]);
    return type === "n" ? String(this.#choice.upTo(4)) : this.#choice.one(["'x'", "'y'", "'zz'"]);
  }

  value(type: Column["type"], scope: readonly Source[], outer: readonly Source[], depth: number): string {
    const choice = this.#choice;
    const plain = (): string => this.column(type, scope);
    if (type === "b") return this.condition(scope, outer, depth);
    if (depth > 0 && choice.chance(0.12)) return this.#scalar(type, depth, scope);
    switch (choice.upTo(7)) {
      case 0:
        return this.constant(type);
      case 1:
        return `COALESCE(${plain()}, ${this.constant(type)})`;
      case 2:
        return `CASE WHEN ${this.#simple(scope)} THEN ${plain()} ELSE ${plain()} END`;
      case 3:
        return type === "n" ? `${plain()} + ${plain()}` : `UPPER(${plain()})`;
      default:
        return plain();
    }
  }

  /** A subquery of one row: an aggregate, or the first in a total order. */
  #scalar(type: Column["type"], depth: number, scope: readonly Source[]): string {
    const query = this.#subquery(depth, scope, type).replace(/^SELECT (.*?) FROM t/, (_, item: string) => {
      const count = type === "n" && item.length > 0 && this.#choice.chance(0.3);
      return `SELECT ${count ? "SUM" : this.#choice.one(["MIN", "MAX"])}(${item}) FROM t`;
    });
    return `(${query})`;
  }

  condition(scope: readonly Source[], outer: readonly Source[], depth: number): string {
    const choice = this.#choice;
    if (choice.chance(0.25)) {
      const operator = choice.one([" AND ", " OR "]);
      return `(${this.condition(scope, outer, depth - 1)}${operator}${this.condition(scope, outer, depth - 1)})`;
    }
    if (choice.chance(0.1)) return `NOT (${this.condition(scope, outer, depth - 1)})`;
    if (depth > 0 && choice.chance(0.35)) return this.#nested(scope, depth);
    return this.#simple(scope);
  }

  #nested(scope: readonly Source[], depth: number): string {
    const choice = this.#choice;
    const type = choice.one(["n", "n", "s"] as const);
    const value = this.column(type, scope);
    const query = this.#subquery(depth, scope, type);
    switch (choice.upTo(4)) {
      case 0:
        return `${value} IN (${query})`;
      case 1:
        return `${value} NOT IN (${query})`;
      case 2:
        return `${choice.chance(0.5) ? "NOT " : ""}EXISTS (${query})`;
      case 3:
        return `${value} ${choice.one(COMPARISONS)} ${choice.one(["ANY", "ALL"])} (${query})`;
      default:
        return `${value} ${choice.one(COMPARISONS)} ${this.#scalar(type, depth, scope)}`;
    }
  }

  /** A condition without subqueries. */
  #simple(scope: readonly Source[]): string {
    const choice = this.#choice;
    const type = choice.one(["n", "n", "s"] as const);
    const value = this.column(type, scope);
    switch (choice.upTo(5)) {
      case 0:
        return `${value} IS ${choice.chance(0.5) ? "NOT " : ""}NULL`;
      case 1:
        return `${value} ${choice.chance(0.3) ? "NOT " : ""}IN (${this.constant(type)}, ${this.constant(type)})`;
      case 2:
        return `${value} IS NOT DISTINCT FROM ${this.column(type, scope)}`;
      default:
        return `${value} ${choice.one(COMPARISONS)} ${choice.chance(0.5) ? this.constant(type) : this.column(type, scope)}`;
    }
  }

  /** What ties a subquery to the query around it. */
  correlation(inner: Source, outer: readonly Source[]): string {
    const choice = this.#choice;
    const type = choice.one(["n", "n", "s"] as const);
    const operator = choice.one(["=", "=", "=", "<", ">="]);
    return `${this.column(type, [inner])} ${operator} ${this.column(type, outer)}`;
  }

  aggregate(type: Column["type"], scope: readonly Source[]): string {
    const choice = this.#choice;
    const filter = choice.chance(0.2) ? ` FILTER (WHERE ${this.#simple(scope)})` : "";
    const column = this.column(type, scope);
    const distinct = choice.chance(0.2) ? "DISTINCT " : "";
    if (type !== "n") return `${choice.one(["MIN", "MAX"])}(${column})${filter}`;
    switch (choice.upTo(3)) {
      case 0:
        return `COUNT(*)${filter}`;
      case 1:
        return `COUNT(${distinct}${this.column(choice.one(["n", "s"]), scope)})${filter}`;
      case 2:
        return `SUM(${distinct}${column})${filter}`;
      default:
        return `${choice.one(["MIN", "MAX"])}(${column})${filter}`;
    }
  }
}
