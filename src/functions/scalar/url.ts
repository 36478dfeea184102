import { scalar, type ScalarFunction } from "../define.ts";
import { parseJavaUrl, type JavaUrl } from "./java-url.ts";
import { fixedArguments, stringResult } from "./text-arguments.ts";

const PARTS: Readonly<Record<string, (url: JavaUrl) => string | undefined>> = {
  HOST: (url) => url.host,
  PATH: (url) => url.path,
  QUERY: (url) => url.query,
  REF: (url) => url.ref,
  PROTOCOL: (url) => url.protocol,
  FILE: (url) => (url.query === undefined ? url.path : `${url.path}?${url.query}`),
  AUTHORITY: (url) => url.authority,
  USERINFO: (url) => url.userInfo,
};

const parseUrl = scalar({
  name: "PARSE_URL",
  signature: "PARSE_URL(<CHARACTER> url, <CHARACTER> part[, <CHARACTER> key])",
  resolve: fixedArguments(["text", "text", "text"], stringResult, "always", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, part, key) => {
    const read = Object.hasOwn(PARTS, part as string) ? PARTS[part as string] : undefined;
    if (read === undefined || (key !== undefined && part !== "QUERY")) return null;
    const url = parseJavaUrl(text as string);
    const value = url === undefined ? undefined : read(url);
    return key === undefined || value === undefined ? (value ?? null) : parameter(value, key as string);
  },
  doc: {
    summary:
      "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY, USERINFO; with a key, its value in QUERY. NULL when absent.",
    examples: [
      ["PARSE_URL('http://u:p@h.example:81/p/a?k=v#r', 'HOST')", "h.example"],
      ["PARSE_URL('http://h.example/p?k=v&x=y', 'QUERY', 'x')", "y"],
    ],
  },
});

function parameter(query: string, key: string): string | null {
  const found = query.split("&").find((pair) => pair.startsWith(`${key}=`));
  return found === undefined ? null : found.slice(key.length + 1);
}

const urlEncode = scalar({
  name: "URL_ENCODE",
  signature: "URL_ENCODE(<CHARACTER>)",
  resolve: fixedArguments(["text?"], stringResult, "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => encodeForm(text as string),
  doc: {
    summary: "The text in the form of `application/x-www-form-urlencoded`, in UTF-8.",
    examples: [["URL_ENCODE('a b&ü')", "a+b%26%C3%BC"]],
  },
});

function encodeForm(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "?"))
    .replaceAll("%20", "+")
    .replace(/[~!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const urlDecode = scalar({
  name: "URL_DECODE",
  signature: "URL_DECODE(<CHARACTER>)",
  resolve: fixedArguments(["text?"], stringResult, "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => decodeForm(text as string),
  doc: {
    summary: "The text that is written as `application/x-www-form-urlencoded`; NULL when it is not.",
    examples: [["URL_DECODE('a+b%26%C3%BC')", "a b&ü"]],
  },
});

function decodeForm(text: string): string | null {
  const blanks = text.replaceAll("+", " ");
  if (/%(?![0-9a-fA-F]{2})/.test(blanks)) return null;
  return blanks.replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(codes.replaceAll("%", ""), "hex")),
  );
}

/** PARSE_URL, URL_ENCODE, URL_DECODE. */
export const urlFunctions: readonly ScalarFunction[] = [parseUrl, urlEncode, urlDecode];
