/** `\d`, `\s` … as Java means them: ASCII, also where JavaScript would take more. The values fit inside a class. */
export const PREDEFINED: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "a-zA-Z0-9_",
  s: " \\t\\n\\v\\f\\r",
  h: " \\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}",
  v: "\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}",
};

const POSIX: Readonly<Record<string, string>> = {
  Lower: "a-z",
  Upper: "A-Z",
  ASCII: "\\x00-\\x7f",
  Alpha: "a-zA-Z",
  Digit: "0-9",
  Alnum: "a-zA-Z0-9",
  Punct: "!-\\u{2f}:-@\\u{5b}-`\\u{7b}-~",
  Graph: "!-~",
  Print: " -~",
  Blank: " \\t",
  Cntrl: "\\x00-\\x1f\\x7f",
  XDigit: "0-9a-fA-F",
  Space: " \\t\\n\\v\\f\\r",
  javaLowerCase: "\\p{Lowercase}",
  javaUpperCase: "\\p{Uppercase}",
  javaWhitespace: "\\t-\\r\\x1c- \\u{1680}\\u{2000}-\\u{2006}\\u{2008}-\\u{200a}\\u{2028}\\u{2029}\\u{205f}\\u{3000}",
  javaMirrored: "\\p{Bidi_Mirrored}",
  L1: "\\x00-\\xff",
  all: "\\u{0}-\\u{10ffff}",
};

const BINARY: Readonly<Record<string, string>> = {
  ALPHABETIC: "Alphabetic",
  IDEOGRAPHIC: "Ideographic",
  LOWERCASE: "Lowercase",
  UPPERCASE: "Uppercase",
  WHITE_SPACE: "White_Space",
  HEX_DIGIT: "Hex_Digit",
  ASSIGNED: "Assigned",
  EMOJI: "Emoji",
};

/** What `\p{name}` stands for, to be put into a class; `undefined` when there is no such property in JavaScript. */
export function propertyClass(name: string): string | undefined {
  const posix = POSIX[name];
  if (posix !== undefined) return posix;
  const [key, value] = name.split("=");
  if (value !== undefined) {
    if (/^(?:sc|script)$/i.test(key!)) return valid(`\\p{Script=${capital(value)}}`);
    if (/^(?:gc|general_category)$/i.test(key!)) return valid(`\\p{${value}}`);
    return undefined;
  }
  if (!/^Is/i.test(name)) return valid(`\\p{${name}}`);
  const bare = name.slice(2);
  const binary = BINARY[bare.toUpperCase()];
  if (binary !== undefined) return `\\p{${binary}}`;
  return /^[A-Z][a-z]?$/.test(bare) ? valid(`\\p{${bare}}`) : valid(`\\p{Script=${capital(bare)}}`);
}

function capital(name: string): string {
  return name
    .toLowerCase()
    .split("_")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("_");
}

function valid(source: string): string | undefined {
  try {
    return new RegExp(source, "v").source;
  } catch {
    return undefined;
  }
}
