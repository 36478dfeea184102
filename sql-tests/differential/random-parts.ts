import { seededRandom } from "../../src/testing/golden-run.ts";

/** A column of a random query: a number, a text, or a truth value. */
export interface Column {
  readonly name: string;
  readonly type: "n" | "s" | "b";
}

/** A table or subquery in FROM, by its alias. */
export interface Source {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** `a n` is column `a` of numbers. */
export function columnsOf(...texts: readonly string[]): readonly Column[] {
  return texts.map((text) => {
    const [name, type] = text.split(" ") as [string, Column["type"]];
    return { name, type };
  });
}

/** Random decisions that follow from a seed. */
export class Choice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** 0 … `most`. */
  upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  one<T>(items: readonly T[]): T {
    return items[this.upTo(items.length - 1)] as T;
  }
}
