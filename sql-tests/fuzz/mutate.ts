/** Random numbers from a seed, in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Words, numbers, strings, quoted names and symbols of a text; blanks and comments go. */
export function tokensOf(text: string): string[] {
  return (
    text
      .replaceAll(/--[^\n]*/g, " ")
      .match(
        /'(?:[^']|'')*'|`(?:[^`]|``)*`|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|<>|<=|>=|\|\||=>|\/\*\+|\*\/|\S/g,
      ) ?? []
  );
}

/** Values that break things: they take the place of numbers and strings. */
const EDGES = [
  "0",
  "-1",
  "1.5",
  "9223372036854775807",
  "1e400",
  "''",
  "'x'",
  "NULL",
  "TRUE",
  "CAST(NULL AS INT)",
  "ARRAY[1]",
  "ROW(1)",
];

/**
 * A statement with a few changes: tokens left out, doubled, exchanged, taken from elsewhere, parts of another statement
 * put in.
 */
export function mutated(text: string, others: readonly (readonly string[])[], random: () => number): string {
  const tokens = tokensOf(text);
  const below = (n: number): number => Math.floor(random() * n);
  const other = (): readonly string[] => others[below(others.length)] ?? [];
  for (let changes = 1 + below(1 + below(4)); changes > 0 && tokens.length > 0; changes--) {
    const at = below(tokens.length);
    const length = 1 + below(4);
    switch (below(8)) {
      case 0:
        tokens.splice(at, length);
        break;
      case 1:
        tokens.splice(at, 0, ...tokens.slice(at, at + length));
        break;
      case 2: {
        const to = below(tokens.length);
        [tokens[at], tokens[to]] = [tokens[to]!, tokens[at]!];
        break;
      }
      case 3: {
        const from = other();
        tokens[at] = from[below(from.length)] ?? tokens[at]!;
        break;
      }
      case 4: {
        const from = other();
        const start = below(from.length);
        tokens.splice(at, length, ...from.slice(start, start + 1 + below(12)));
        break;
      }
      case 5: {
        // A name for a name, so that types and scopes are tried and not only the grammar.
        const names = tokens.filter((token) => /^[a-z_]\w*$/.test(token));
        if (/^[a-z_]\w*$/.test(tokens[at]!)) tokens[at] = names[below(names.length)]!;
        break;
      }
      case 6:
        if (/^[\d']/.test(tokens[at]!)) tokens[at] = EDGES[below(EDGES.length)]!;
        break;
      default: {
        // A function for a function.
        const functions = other().filter((_, i, all) => all[i + 1] === "(");
        if (tokens[at + 1] === "(" && functions.length > 0) tokens[at] = functions[below(functions.length)]!;
      }
    }
  }
  return tokens.join(" ");
}
