import { encodeUtf8 } from "../../batch/utf8.ts";
import { SplittableRandom } from "../splittable-random.ts";

/** Texts that columns point into without copying: text `i` is `data[starts[i] .. starts[i] + lengths[i])`. */
export interface TextPool {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}

/** Number of bytes of the pool that `extra` columns are pieces of. */
export const EXTRA_BYTES = 1 << 20;

/** Hot channels come first in the channel and URL pools. */
export const HOT_CHANNELS = 4;
export const CHANNELS = 10_000;

export interface Pools {
  readonly extra: Uint8Array;
  readonly channels: TextPool;
  readonly urls: TextPool;
  /** `first * LAST_NAMES + last`. */
  readonly names: TextPool;
  readonly cities: TextPool;
  readonly states: TextPool;
}

const FIRST = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"];
const LAST = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
const CITIES = [
  "Phoenix",
  "Los Angeles",
  "San Francisco",
  "Boise",
  "Portland",
  "Bend",
  "Redmond",
  "Seattle",
  "Kent",
  "Cheyenne",
];
const STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"];

export const FIRST_NAMES = FIRST.length;
export const LAST_NAMES = LAST.length;
export const CITY_COUNT = CITIES.length;
export const STATE_COUNT = STATES.length;

/** The texts that all events share, which depend on nothing; each pool is made when it is first asked for. */
class SharedPools implements Pools {
  #extra: Uint8Array | undefined;
  #channels: { readonly channels: TextPool; readonly urls: TextPool } | undefined;
  readonly names = textPool(FIRST.flatMap((first) => LAST.map((last) => `${first} ${last}`)));
  readonly cities = textPool(CITIES);
  readonly states = textPool(STATES);

  get extra(): Uint8Array {
    return (this.#extra ??= extraPool());
  }

  get channels(): TextPool {
    return (this.#channels ??= channelPools()).channels;
  }

  get urls(): TextPool {
    return (this.#channels ??= channelPools()).urls;
  }
}

let shared: Pools | undefined;

export function pools(): Pools {
  return (shared ??= new SharedPools());
}

function textPool(texts: readonly string[]): TextPool {
  const starts = new Int32Array(texts.length);
  const lengths = new Int32Array(texts.length);
  let size = 0;
  texts.forEach((text, i) => {
    starts[i] = size;
    lengths[i] = text.length;
    size += text.length;
  });
  return { data: encodeUtf8(texts.join("")), starts, lengths };
}

/** Characters from `H` to `z` (with a backslash among them): six of each draw, by its truncated remainders. */
function extraPool(): Uint8Array {
  const random = new SplittableRandom();
  random.seed(-1);
  const pool = new Uint8Array(EXTRA_BYTES);
  let value = 0;
  for (let i = 0; i < EXTRA_BYTES; i++) {
    if (i % 6 === 0) value = random.int32();
    pool[i] = 97 + (value % 26);
    value = (value / 26) | 0;
  }
  return pool;
}

function channelPools(): { channels: TextPool; urls: TextPool } {
  const random = new SplittableRandom();
  random.seed(-2);
  const word = (): string => {
    let text = "";
    for (let left = 3 + random.below(2); left > 0; left--) {
      text += random.below(13) === 0 ? "_" : String.fromCharCode(97 + random.below(26));
    }
    return text;
  };
  const base = (): string => `https://www.nexmark.com/${word()}/${word()}/${word()}/item.htm?query=1`;
  const names = ["Google", "Facebook", "Baidu", "Apple"];
  const urls = names.map(base);
  for (let i = 0; i < CHANNELS; i++) {
    names.push(`channel-${i}`);
    const url = base();
    urls.push(
      random.below(10) > 0
        ? `${url}&channel_id=${Math.abs(reverseBits(i))}`.replace("=2147483648", "=-2147483648")
        : url,
    );
  }
  return { channels: textPool(names), urls: textPool(urls) };
}

function reverseBits(value: number): number {
  let result = 0;
  for (let i = 0, rest = value; i < 32; i++, rest >>>= 1) result = (result << 1) | (rest & 1);
  return result;
}
