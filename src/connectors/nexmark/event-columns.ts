import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { reader } from "../../batch/get.ts";
import { storageOf, T, type DataType, type Field, type Value } from "../../types/data-type.ts";
import type { ScanColumn } from "../api.ts";
import type { Pools, TextPool } from "./pools.ts";

/** Fields of the three rows of an event, in the order of the benchmark's table. */
export const EVENT_FIELDS = {
  person: ["id", "name", "emailAddress", "creditCard", "city", "state", "dateTime", "extra"],
  auction: [
    "id",
    "itemName",
    "description",
    "initialBid",
    "reserve",
    "dateTime",
    "expires",
    "seller",
    "category",
    "extra",
  ],
  bid: ["auction", "bidder", "price", "channel", "url", "dateTime", "extra"],
} as const;

export type EventKind = keyof typeof EVENT_FIELDS;

const LONGS = new Set(["id", "initialBid", "reserve", "seller", "category", "auction", "bidder", "price"]);
const TIMES = new Set(["dateTime", "expires"]);

/** The type of a field of an event. */
export function eventFieldType(field: string): DataType {
  return LONGS.has(field) ? T.bigint() : TIMES.has(field) ? T.timestamp(3) : T.string();
}

/** A BIGINT column, written as pairs of 32-bit words. */
export class LongColumn {
  readonly values: BigInt64Array;
  private readonly words: Int32Array;

  constructor(capacity: number) {
    this.values = new BigInt64Array(capacity);
    this.words = new Int32Array(this.values.buffer);
  }

  put(row: number, value: number): void {
    this.words[2 * row] = value | 0;
    this.words[2 * row + 1] = value < 2147483648 ? 0 : Math.floor(value / 4294967296);
  }
}

/** A TIMESTAMP(3) column. */
export class TimeColumn {
  readonly values: Float64Array;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  put(row: number, millis: number): void {
    this.values[row] = millis;
  }
}

/** A text column that points into bytes which stand elsewhere. */
export class TextColumn {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;

  constructor(capacity: number) {
    this.starts = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
  }

  put(row: number, start: number, length: number): void {
    this.starts[row] = start;
    this.lengths[row] = length;
  }

  putPooled(row: number, pool: TextPool, index: number): void {
    this.starts[row] = pool.starts[index]!;
    this.lengths[row] = pool.lengths[index]!;
  }
}

type Wanted = ReadonlySet<string>;

/** The columns of one kind of row that are asked for; they share one NULL mask, which is 0 for rows of the kind. */
abstract class KindColumns {
  readonly kind: EventKind;
  readonly nulls: Uint8Array;
  protected readonly wanted: Wanted;
  protected readonly capacity: number;

  constructor(kind: EventKind, wanted: Wanted, capacity: number) {
    this.kind = kind;
    this.wanted = wanted;
    this.capacity = capacity;
    this.nulls = new Uint8Array(wanted.size === 0 ? 0 : capacity);
  }

  protected has(field: string): boolean {
    return this.wanted.has(`${this.kind}.${field}`);
  }

  protected long(field: string): LongColumn | undefined {
    return this.has(field) ? new LongColumn(this.capacity) : undefined;
  }

  protected time(field: string): TimeColumn | undefined {
    return this.has(field) ? new TimeColumn(this.capacity) : undefined;
  }

  protected text(field: string): TextColumn | undefined {
    return this.has(field) ? new TextColumn(this.capacity) : undefined;
  }
}

export class PersonColumns extends KindColumns {
  readonly id = this.long("id");
  readonly name = this.text("name");
  readonly emailAddress = this.text("emailAddress");
  readonly creditCard = this.text("creditCard");
  readonly city = this.text("city");
  readonly state = this.text("state");
  readonly dateTime = this.time("dateTime");
  readonly extra = this.text("extra");
  /** How many of the drawn values have to be drawn. */
  readonly depth = this.extra
    ? 6
    : this.state
      ? 5
      : this.city
        ? 4
        : this.creditCard
          ? 3
          : this.emailAddress
            ? 2
            : this.name
              ? 1
              : 0;
}

export class AuctionColumns extends KindColumns {
  readonly id = this.long("id");
  readonly itemName = this.text("itemName");
  readonly description = this.text("description");
  readonly initialBid = this.long("initialBid");
  readonly reserve = this.long("reserve");
  readonly dateTime = this.time("dateTime");
  readonly expires = this.time("expires");
  readonly seller = this.long("seller");
  readonly category = this.long("category");
  readonly extra = this.text("extra");
  readonly depth = this.extra
    ? 8
    : this.reserve
      ? 7
      : this.description
        ? 6
        : this.itemName
          ? 5
          : this.expires
            ? 4
            : this.initialBid
              ? 3
              : this.category
                ? 2
                : this.seller
                  ? 1
                  : 0;
}

export class BidColumns extends KindColumns {
  readonly auction = this.long("auction");
  readonly bidder = this.long("bidder");
  readonly price = this.long("price");
  readonly channel = this.text("channel");
  readonly url = this.text("url");
  readonly dateTime = this.time("dateTime");
  readonly extra = this.text("extra");
  readonly depth = this.extra
    ? 5
    : this.channel || this.url
      ? 4
      : this.price
        ? 3
        : this.bidder
          ? 2
          : this.auction
            ? 1
            : 0;
}

/** One batch of events while it is made; its arrays serve batch after batch. */
export class EventColumns {
  readonly capacity: number;
  readonly eventType: Int32Array;
  readonly person: PersonColumns;
  readonly auction: AuctionColumns;
  readonly bid: BidColumns;
  /** Where the texts that are made for each event stand. */
  text = new Uint8Array(1 << 15);
  textSize = 0;

  constructor(wanted: WantedFields, capacity: number) {
    this.capacity = capacity;
    this.eventType = new Int32Array(capacity);
    this.person = new PersonColumns("person", wanted.person, capacity);
    this.auction = new AuctionColumns("auction", wanted.auction, capacity);
    this.bid = new BidColumns("bid", wanted.bid, capacity);
  }

  /** Nothing is there, for a batch of so many rows. */
  clear(rowCount: number): void {
    for (const { nulls } of [this.person, this.auction, this.bid]) nulls.fill(1, 0, rowCount);
    this.textSize = 0;
  }

  /** Makes room for that many more bytes of text. */
  reserveText(bytes: number): void {
    if (this.textSize + bytes <= this.text.length) return;
    const grown = new Uint8Array(this.text.length * 2);
    grown.set(this.text);
    this.text = grown;
  }

  /** The column at a path; whole rows become JavaScript values. */
  column(path: readonly string[], type: DataType, rowCount: number, pools: Pools): Column {
    const [first = "", field] = path;
    if (first === "event_type") return { storage: "i32", values: this.eventType, nulls: undefined };
    if (field !== undefined) return this.field(first as EventKind, field, pools);
    return this.row(first as EventKind, type, rowCount, pools);
  }

  private field(kind: EventKind, field: string, pools: Pools): Column {
    const columns = this[kind];
    const { nulls } = columns;
    const made = (columns as unknown as Record<string, LongColumn | TimeColumn | TextColumn | undefined>)[field];
    if (made instanceof LongColumn) return { storage: "i64", values: made.values, nulls };
    if (made instanceof TimeColumn) return { storage: "f64", values: made.values, nulls };
    if (made === undefined) throw new SqlError("BUG", `nexmark field ${kind}.${field} was not made`);
    return { storage: "bytes", starts: made.starts, lengths: made.lengths, data: this.textOf(field, pools), nulls };
  }

  private textOf(field: string, pools: Pools): Uint8Array {
    switch (field) {
      case "extra":
        return pools.extra;
      case "channel":
        return pools.channels.data;
      case "url":
        return pools.urls.data;
      case "name":
        return pools.names.data;
      case "city":
        return pools.cities.data;
      case "state":
        return pools.states.data;
      default:
        return this.text;
    }
  }

  private row(kind: EventKind, type: DataType, rowCount: number, pools: Pools): Column {
    const { nulls } = this[kind];
    const fields = type.kind === "ROW" ? type.fields : [];
    const read = fields.map((field) => reader(this.field(kind, field.name, pools), field.type));
    const values: Value[] = [];
    for (let row = 0; row < rowCount; row++) values.push(nulls[row] === 1 ? null : read.map((value) => value(row)));
    return { storage: "any", values, nulls };
  }
}

/** Fields that have to be made, as `kind.field`. */
export interface WantedFields {
  readonly person: Wanted;
  readonly auction: Wanted;
  readonly bid: Wanted;
}

/** Which fields the columns of a scan need. */
export function wantedFields(columns: readonly ScanColumn[]): WantedFields {
  const wanted = { person: new Set<string>(), auction: new Set<string>(), bid: new Set<string>() };
  for (const column of columns) {
    if (column.kind !== "physical") continue;
    const [kind = "", field] = column.path;
    if (kind !== "person" && kind !== "auction" && kind !== "bid") continue;
    const fields =
      field === undefined ? (column.type.kind === "ROW" ? column.type.fields.map(({ name }) => name) : []) : [field];
    // Even without a field the NULL mask is needed.
    wanted[kind].add(kind);
    for (const name of fields) wanted[kind].add(`${kind}.${name}`);
  }
  return wanted;
}

/** Throws TYPE_MISMATCH when a table's columns are not those of the benchmark. */
export function checkEventColumns(fields: readonly Field[]): void {
  for (const { name, type } of fields) {
    if (name === "event_type") {
      expectType(name, type, T.int());
    } else if (name === "person" || name === "auction" || name === "bid") {
      if (type.kind !== "ROW") throw mismatch(name, "a ROW");
      for (const field of type.fields) {
        const known: readonly string[] = EVENT_FIELDS[name];
        if (!known.includes(field.name)) throw mismatch(`${name}.${field.name}`, `one of ${known.join(", ")}`);
        expectType(`${name}.${field.name}`, field.type, eventFieldType(field.name));
      }
    } else {
      throw mismatch(name, "event_type, person, auction or bid");
    }
  }
}

function expectType(name: string, type: DataType, expected: DataType): void {
  const same = storageOf(type) === storageOf(expected) && (type.kind === expected.kind || type.kind === "CHAR");
  if (!same || (type.kind === "TIMESTAMP" && type.precision !== 3)) {
    throw mismatch(name, expected.kind === "TIMESTAMP" ? "a TIMESTAMP(3)" : `of type ${expected.kind}`);
  }
}

function mismatch(name: string, expected: string): SqlError {
  return new SqlError("TYPE_MISMATCH", `column '${name}' of a nexmark table must be ${expected}`);
}
