/** A character set: what the bytes of a text are, and back. What it does not have is `?`, and U+FFFD in a text. */
export interface Charset {
  readonly encode: (text: string) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => string;
}

type Range = readonly [first: number, last: number];

/** Which bytes of a decoder of the platform belong to a character set, and where it says otherwise. */
interface Source {
  /** Names as Java knows them, in upper case. */
  readonly names: readonly string[];
  /** The platform's name of the decoder. */
  readonly label: string;
  /** Single bytes from 0x80 on. ASCII is always there. */
  readonly singles: readonly Range[];
  readonly leads?: readonly Range[];
  readonly trails?: readonly Range[];
  /** Characters that the decoder gives and the character set does not have. */
  readonly without?: (character: number) => boolean;
  /** Bytes that mean another character. */
  readonly instead?: Readonly<Record<number, number>>;
  /** Characters that are written as bytes which are read as another one. */
  readonly written?: Readonly<Record<number, number>>;
}

const REPLACEMENT = 0xfffd;
const HIGH: Range = [0x80, 0xff];

const isControl = (character: number): boolean => character >= 0x80 && character < 0xa0;
const isPrivate = (character: number): boolean => character >= 0xe000 && character < 0xf900;

function oneByte(label: string, ...names: readonly string[]): Source {
  return { label, names: [label.toUpperCase(), ...names], singles: [HIGH] };
}

/** In Windows code pages bytes that mean nothing are no control characters. */
function windows(page: number): Source {
  const source = oneByte(`windows-${page}`, `CP${page}`);
  return { ...source, without: isControl };
}

/** What GBK has added in rows of GB 2312. */
const ADDED_BY_GBK: readonly Range[] = [
  [0x144, 0x144],
  [0x148, 0x148],
  [0x251, 0x251],
  [0x261, 0x261],
  [0x2170, 0x2179],
  [0xfe30, 0xfe4f],
];

/** The numbers by codes from `first` on. */
function numbered(first: number, characters: readonly number[]): Readonly<Record<number, number>> {
  return Object.fromEntries(characters.map((character, i) => [first + i, character]));
}

/** Those of the platform's decoders that agree with Java's, but for what is said here. */
const SOURCES: readonly Source[] = [
  ...[2, 3, 4, 5, 6, 7, 8, 13, 15].map((part) => oneByte(`iso-8859-${part}`, `ISO8859_${part}`, `ISO8859-${part}`)),
  ...[1250, 1251, 1254, 1255, 1257, 1258].map(windows),
  {
    ...windows(1252),
    // Node's decoder takes these bytes for Latin-1.
    instead: {
      ...numbered(
        0x80,
        [
          0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
          0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
          0x17e, 0x178,
        ],
      ),
      0xff: 0xff,
    },
  },
  { ...windows(1253), without: (character) => isControl(character) || character === 0xaa },
  oneByte("windows-1256", "CP1256"),
  {
    ...windows(874),
    names: ["X-WINDOWS-874", "WINDOWS-874", "MS874"],
    without: (character) => isControl(character) || isPrivate(character),
  },
  {
    names: ["ISO-8859-9", "ISO8859_9", "ISO8859-9", "LATIN5"],
    label: "windows-1254",
    singles: [HIGH],
    instead: numbered(
      0x80,
      Array.from({ length: 32 }, (_, i) => 0x80 + i),
    ),
  },
  oneByte("koi8-r", "KOI8_R", "CSKOI8R"),
  oneByte("koi8-u", "KOI8_U"),
  oneByte("ibm866", "CP866", "IBM-866", "866"),
  { ...oneByte("macintosh"), names: ["X-MACROMAN", "MACROMAN"] },
  {
    names: ["GBK", "CP936", "WINDOWS-936"],
    label: "gbk",
    singles: [],
    leads: [[0x81, 0xfe]],
    trails: [
      [0x40, 0x7e],
      [0x80, 0xfe],
    ],
    instead: { 0xa2e3: 0x20ac, 0xa892: 0x2641 },
  },
  {
    names: ["GB2312", "EUC-CN", "EUC_CN", "X-EUC-CN", "GB2312-80", "GB2312-1980"],
    label: "gbk",
    singles: [],
    leads: [
      [0xa1, 0xa9],
      [0xb0, 0xf7],
    ],
    trails: [[0xa1, 0xfe]],
    without: (character) =>
      isPrivate(character) || ADDED_BY_GBK.some(([first, last]) => character >= first && character <= last),
    instead: { 0xa1a4: 0x30fb, 0xa1aa: 0x2015 },
  },
  {
    names: ["EUC-KR", "EUC_KR", "EUCKR", "KSC5601", "KS_C_5601-1987", "KSC_5601", "5601"],
    label: "euc-kr",
    singles: [],
    leads: [[0xa1, 0xfe]],
    trails: [[0xa1, 0xfe]],
    without: isPrivate,
    instead: { 0xa2e6: 0x20ac, 0xa2e7: 0xae, 0xa2e8: 0x327e },
  },
  {
    names: ["SHIFT_JIS", "SHIFT-JIS", "SJIS", "MS_KANJI", "X-SJIS", "CSSHIFTJIS"],
    label: "shift_jis",
    singles: [[0xa1, 0xdf]],
    leads: [
      [0x81, 0x84],
      [0x88, 0x9f],
      [0xe0, 0xea],
    ],
    trails: [
      [0x40, 0x7e],
      [0x80, 0xfc],
    ],
    instead: {
      0x815c: 0x2014,
      0x8160: 0x301c,
      0x8161: 0x2016,
      0x817c: 0x2212,
      0x8191: 0xa2,
      0x8192: 0xa3,
      0x81ca: 0xac,
    },
    written: { 0xa5: 0x5c, 0x203e: 0x7e },
  },
  {
    names: ["WINDOWS-31J", "MS932", "CP943", "CSWINDOWS31J", "WINDOWS-932"],
    label: "shift_jis",
    singles: [[0xa1, 0xdf]],
    // Of the characters that stand there twice the first is written.
    leads: [
      [0x81, 0x9f],
      [0xe0, 0xec],
      [0xf0, 0xfc],
      [0xed, 0xee],
    ],
    trails: [
      [0x40, 0x7e],
      [0x80, 0xfc],
    ],
    written: {
      0xa2: 0x8191,
      0xa3: 0x8192,
      0xa5: 0x5c,
      0xab: 0x81e1,
      0xac: 0x81ca,
      0xaf: 0x8150,
      0xb5: 0x83ca,
      0xb7: 0x8145,
      0xb8: 0x8143,
      0xbb: 0x81e2,
      0x203e: 0x7e,
      0x3094: 0x8394,
    },
  },
];

/** Made of a decoder on first use. */
class Table implements Charset {
  /** The character of one byte, or of `lead << 8 | trail`. */
  readonly #characters = new Uint16Array(0x10000).fill(REPLACEMENT);
  readonly #isLead = new Uint8Array(0x100);
  readonly #bytes = new Map<number, number>();

  constructor({ label, singles, leads = [], trails = [], without, instead = {}, written = {} }: Source) {
    for (let byte = 0; byte < 0x80; byte++) this.#put(byte, byte);
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    const take = (code: number, bytes: Uint8Array): void => {
      const text = decoder.decode(bytes);
      const character = instead[code] ?? text.charCodeAt(0);
      if (text.length !== 1 && instead[code] === undefined) return;
      if (character !== REPLACEMENT && without?.(character) !== true) this.#put(code, character);
    };
    for (const byte of each(singles)) take(byte, Uint8Array.of(byte));
    for (const lead of each(leads)) {
      for (const trail of each(trails)) take((lead << 8) | trail, Uint8Array.of(lead, trail));
    }
    for (const [character, code] of Object.entries(written)) this.#bytes.set(Number(character), code);
  }

  encode = (text: string): Uint8Array => {
    const out: number[] = [];
    for (const character of text) {
      const code = this.#bytes.get(character.codePointAt(0)!) ?? 0x3f;
      if (code > 0xff) out.push(code >> 8);
      out.push(code & 0xff);
    }
    return Uint8Array.from(out);
  };

  decode = (bytes: Uint8Array): string => {
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#isLead[byte] === 0) {
        text += String.fromCharCode(this.#characters[byte]!);
        continue;
      }
      const trail = bytes[i + 1];
      const character = trail === undefined ? REPLACEMENT : this.#characters[(byte << 8) | trail]!;
      text += String.fromCharCode(character);
      // A byte that means something for itself stays.
      if (trail !== undefined && (character !== REPLACEMENT || !this.#startsCharacter(trail))) i += 1;
    }
    return text;
  };

  #startsCharacter(byte: number): boolean {
    return this.#isLead[byte] === 1 || this.#characters[byte] !== REPLACEMENT;
  }

  #put(code: number, character: number): void {
    if (code > 0xff) this.#isLead[code >> 8] = 1;
    this.#characters[code] = character;
    if (!this.#bytes.has(character)) this.#bytes.set(character, code);
  }
}

function* each(ranges: readonly Range[]): Generator<number> {
  for (const [first, last] of ranges) for (let value = first; value <= last; value++) yield value;
}

const tables = new Map<Source, Charset>();

/** A character set with a table, by a name of Java's in upper case. */
export function tableCharset(name: string): Charset | undefined {
  const source = SOURCES.find(({ names }) => names.includes(name));
  if (source === undefined) return undefined;
  const table = tables.get(source) ?? new Table(source);
  tables.set(source, table);
  return table;
}

/** The first name of each. */
export const TABLE_CHARSETS: readonly string[] = SOURCES.map(({ names }) => names[0]!);
