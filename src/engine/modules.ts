import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";

const CORE = "core";

/** The modules of a session. There is one, `core`: the built-in functions. */
export class Modules {
  #loaded: readonly string[] = [CORE];
  #used: readonly string[] = [CORE];

  /** Those in use, in the order in which they are asked; then, when `all`, the others that are loaded. */
  list(all: boolean): readonly { readonly name: string; readonly used: boolean }[] {
    const used = this.#used.map((name) => ({ name, used: true }));
    if (!all) return used;
    return [...used, ...this.#loaded.filter((m) => !this.#used.includes(m)).map((name) => ({ name, used: false }))];
  }

  isUsed(name: string): boolean {
    return this.#used.includes(name);
  }

  load(name: string, span: Span): void {
    if (this.#loaded.includes(name))
      throw new SqlError("INVALID_QUERY", `A module with name '${name}' already exists`, { span });
    if (name !== CORE) {
      throw new SqlError("INVALID_QUERY", `there is no module '${name}'; available: ${CORE}`, {
        span,
        hint: name === "hive" ? "modules of Hive need Java" : didYouMean(name, [CORE]),
      });
    }
    this.#loaded = [...this.#loaded, name];
    this.#used = [...this.#used, name];
  }

  unload(name: string, span: Span): void {
    this.#check(name, span);
    this.#loaded = this.#loaded.filter((m) => m !== name);
    this.#used = this.#used.filter((m) => m !== name);
  }

  use(names: readonly { readonly name: string; readonly span: Span }[]): void {
    for (const [i, { name, span }] of names.entries()) {
      if (names.findIndex((n) => n.name === name) < i)
        throw new SqlError("INVALID_QUERY", `Module '${name}' appears more than once`, { span });
      this.#check(name, span);
    }
    this.#used = names.map((n) => n.name);
  }

  #check(name: string, span: Span): void {
    if (!this.#loaded.includes(name))
      throw new SqlError("INVALID_QUERY", `No module with name '${name}' exists`, {
        span,
        hint: didYouMean(name, this.#loaded),
      });
  }
}
