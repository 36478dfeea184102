import { JsonNumber, jsonNumber } from "./number.ts";

/** A value of a JSON document. */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | ReadonlyMap<string, JsonNode>;

/** A text that is no JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
}

/** Nesting that is still read. */
const MAX_DEPTH = 1000;

/**
 * The first value of a text; what follows is ignored, as Flink does. Throws JsonSyntaxError. The last document is kept:
 * several functions mostly ask for the same one.
 */
export function parseJson(text: string): JsonNode {
  if (LAST.text === text) {
    if (LAST.error !== undefined) throw LAST.error;
    return LAST.node;
  }
  LAST.text = text;
  LAST.error = undefined;
  try {
    LAST.node = new JsonReader(text, PLAIN).document();
    return LAST.node;
  } catch (error) {
    if (error instanceof JsonSyntaxError) LAST.error = error;
    else LAST.text = undefined;
    throw error;
  }
}

/** A cache of one document by its text. */
const LAST: { text: string | undefined; node: JsonNode; error: JsonSyntaxError | undefined } = {
  text: undefined,
  node: null,
  error: undefined,
};

/** How a document is read where readers want different things. */
export interface JsonReading {
  /** The number as written. */
  readonly number: (written: string) => JsonNumber;
  /** The last of equal keys wins; else they are an error. */
  readonly lastKeyWins: boolean;
}

/** The first value of a text, read in another way than `parseJson` does. Throws JsonSyntaxError. */
export function readJson(text: string, reading: JsonReading): JsonNode {
  return new JsonReader(text, reading).document();
}

const PLAIN: JsonReading = { number: jsonNumber, lastKeyWins: true };

class JsonReader {
  private readonly text: string;
  private readonly reading: JsonReading;
  private at = 0;

  constructor(text: string, reading: JsonReading) {
    this.text = text;
    this.reading = reading;
  }

  document(): JsonNode {
    const node = this.value(0);
    // A number or word at the root needs an end.
    const last = this.text.charAt(this.at - 1);
    if (!'"}]'.includes(last) && /[^ \t\n\r]/.test(this.text.charAt(this.at))) this.fail();
    return node;
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) this.fail();
    this.blanks();
    switch (this.text.charAt(this.at)) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.at += 1;
    this.blanks();
    if (this.accept(CLOSE_BRACE)) return fields;
    for (;;) {
      this.blanks();
      const name = this.string();
      this.blanks();
      if (!this.accept(COLON)) this.fail();
      if (!this.reading.lastKeyWins && fields.has(name)) throw new JsonSyntaxError(`the key '${name}' stands twice`);
      fields.set(name, this.value(depth + 1));
      this.blanks();
      if (this.accept(CLOSE_BRACE)) return fields;
      if (!this.accept(COMMA)) this.fail();
    }
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at += 1;
    this.blanks();
    if (this.accept(CLOSE_BRACKET)) return items;
    for (;;) {
      items.push(this.value(depth + 1));
      this.blanks();
      if (this.accept(CLOSE_BRACKET)) return items;
      if (!this.accept(COMMA)) this.fail();
    }
  }

  private string(): string {
    const { text } = this;
    const start = this.at + 1;
    if (text.charCodeAt(this.at) !== QUOTE) this.fail();
    for (let i = start; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === QUOTE) {
        this.at = i + 1;
        return text.slice(start, i);
      }
      if (unit === BACKSLASH || unit < 32) break;
    }
    return this.stringWithEscapes();
  }

  private stringWithEscapes(): string {
    STRING.lastIndex = this.at;
    const match = STRING.exec(this.text);
    if (match === null) this.fail();
    this.at = STRING.lastIndex;
    return JSON.parse(match[0]) as string;
  }

  private number(): JsonNumber {
    const { text, at } = this;
    const first = text.charCodeAt(at);
    if (first >= 49 && first <= 57) {
      let end = at + 1;
      while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
      const next = text.charCodeAt(end);
      if (next === COMMA || next === CLOSE_BRACE || next === CLOSE_BRACKET) {
        this.at = end;
        return this.reading === PLAIN ? new JsonNumber(text.slice(at, end)) : this.reading.number(text.slice(at, end));
      }
    }
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) this.fail();
    this.at = NUMBER.lastIndex;
    if (/[\w.+-]/.test(this.text.charAt(this.at))) this.fail();
    return this.reading.number(match[0]);
  }

  private word<V extends JsonNode>(word: string, value: V): V {
    if (!this.text.startsWith(word, this.at)) this.fail();
    this.at += word.length;
    if (/\w/.test(this.text.charAt(this.at))) this.fail();
    return value;
  }

  private accept(unit: number): boolean {
    if (this.text.charCodeAt(this.at) !== unit) return false;
    this.at += 1;
    return true;
  }

  private blanks(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 32 && unit !== 9 && unit !== 10 && unit !== 13) return;
      this.at += 1;
    }
  }

  private fail(): never {
    throw new JsonSyntaxError(`no JSON at character ${this.at + 1}`);
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The document as text without blanks, the keys of objects in order, as Flink writes it. */
export function writeJson(node: JsonNode): string {
  if (node === null || typeof node === "boolean") return String(node);
  if (typeof node === "string") return quoteJson(node);
  if (node instanceof JsonNumber) return node.text;
  if (node instanceof Map) {
    const fields = [...(node as ReadonlyMap<string, JsonNode>)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([name, value]) => `${quoteJson(name)}:${writeJson(value)}`).join(",")}}`;
  }
  return `[${(node as readonly JsonNode[]).map(writeJson).join(",")}]`;
}

/** A text between quotes; control characters as `\u0001`, all others as they are. */
function quoteJson(text: string): string {
  return `"${text.replace(/["\\\u0000-\u001f]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case "\b":
      return "\\b";
    case "\t":
      return "\\t";
    case "\n":
      return "\\n";
    case "\f":
      return "\\f";
    case "\r":
      return "\\r";
    case '"':
    case "\\":
      return `\\${character}`;
    default:
      return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  }
}
