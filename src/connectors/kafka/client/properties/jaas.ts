import { SqlError } from "../../../../base/errors.ts";

/** What `sasl.jaas.config` says. */
export interface JaasLogin {
  /** Last part of the class name: `PlainLoginModule`. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

const OPTION = "option 'properties.sasl.jaas.config'";
const FLAGS = /^(required|requisite|sufficient|optional)$/i;
const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([=;])|([^\s"'=;]+))/y;

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** Parses `Module required name="value" …;` as Java does. Nothing of it comes into a message: it holds the password. */
export function parseJaas(text: string): JaasLogin {
  const tokens = tokensOf(text);
  const [module, flag] = [tokens.shift(), tokens.shift()];
  if (module === undefined || module.quoted) throw invalid("it starts with the class of a login module");
  if (flag === undefined || !FLAGS.test(flag.text)) throw invalid("after the class comes 'required'");
  const options = new Map<string, string>();
  for (;;) {
    const name = tokens.shift();
    if (name === undefined) throw invalid("it ends with a semicolon");
    if (isMark(name, ";")) break;
    const [equals, value] = [tokens.shift(), tokens.shift()];
    if (equals === undefined || !isMark(equals, "=")) throw invalid('options have the form name="value"');
    if (value === undefined || isMark(value, ";")) throw invalid("an option has no value");
    options.set(name.text, value.text);
  }
  if (tokens.length > 0) throw invalid("it names one login module only");
  return { module: module.text.split(".").at(-1) ?? "", options };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (match === null) throw invalid("a quote is not closed");
    const quoted = match[1] ?? match[2];
    tokens.push(
      quoted === undefined
        ? { text: match[3] ?? match[4] ?? "", quoted: false }
        : { text: unescape(quoted), quoted: true },
    );
  }
  return tokens;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => ({ n: "\n", r: "\r", t: "\t" })[escaped] ?? escaped);
}

function isMark(token: Token, mark: string): boolean {
  return !token.quoted && token.text === mark;
}

function invalid(rule: string): SqlError {
  return new SqlError("OPTION_INVALID", `${OPTION} cannot be read: ${rule}`, {
    hint: `Its form is: org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…";`,
  });
}
