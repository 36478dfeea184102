import type { NexmarkConfig } from "./config.ts";
import type { AuctionColumns, BidColumns, EventColumns, PersonColumns, TextColumn } from "./event-columns.ts";
import {
  CHANNELS,
  CITY_COUNT,
  EXTRA_BYTES,
  FIRST_NAMES,
  HOT_CHANNELS,
  LAST_NAMES,
  pools,
  STATE_COUNT,
  type Pools,
} from "./pools.ts";
import { SplittableRandom } from "../splittable-random.ts";

const FIRST_PERSON_ID = 1000;
const FIRST_AUCTION_ID = 1000;
const FIRST_CATEGORY_ID = 10;
const CATEGORIES = 5;
const ACTIVE_PERSONS = 1000;
const AUCTIONS_IN_FLIGHT = 100;
/** Ids that may point at persons and auctions which come later. */
const ID_LEAD = 10;
/** Hot sellers, bidders and auctions are every hundredth. */
const HOT_STEP = 100;
/** More than the longest text of an event. */
const EVENT_TEXT_BYTES = 256;

const SPACE = 32;

/**
 * The events of the Nexmark benchmark. Each event is drawn from a random generator seeded with its id, so that any
 * event can be made at any time: splits and restores give the same events.
 */
export class NexmarkGenerator {
  readonly pools: Pools = pools();
  private readonly config: NexmarkConfig;
  private readonly random = new SplittableRandom();
  private readonly perEpoch: number;
  private readonly auctionHorizon: number;

  constructor(config: NexmarkConfig) {
    this.config = config;
    this.perEpoch = config.persons + config.auctions + config.bids;
    this.auctionHorizon = Math.floor((AUCTIONS_IN_FLIGHT * this.perEpoch) / config.auctions);
  }

  /** Time of event number `n` in epoch millis. */
  timeOf(n: number): number {
    return this.config.baseTimeMillis + Math.floor(Math.trunc(n * this.config.delayMicros) / 1000);
  }

  /** Makes events `first`, `first + step`, … (counted from 0) as rows 0 … count - 1. */
  fill(columns: EventColumns, first: number, step: number, count: number): void {
    const { persons, auctions, firstNumber, firstId, group } = this.config;
    const { perEpoch, random } = this;
    const { eventType, person, auction, bid } = columns;
    for (let row = 0, index = first; row < count; row++, index += step) {
      const raw = firstNumber + index;
      const n = group === 1 ? raw : Math.floor(raw / group) * group + ((raw * 953) % group);
      const id = firstId + n;
      const epoch = Math.floor(id / perEpoch);
      const offset = id - epoch * perEpoch;
      const lastPerson = epoch * persons + (offset < persons ? offset : persons - 1);
      random.seed(id);
      if (offset >= persons + auctions) {
        eventType[row] = 2;
        if (bid.nulls.length > 0) this.bid(bid, row, this.timeOf(n), epoch * auctions + auctions - 1, lastPerson);
      } else if (offset >= persons) {
        eventType[row] = 1;
        if (auction.nulls.length > 0)
          this.auction(auction, row, n, epoch * auctions + offset - persons, lastPerson, columns);
      } else {
        eventType[row] = 0;
        if (person.nulls.length > 0) this.person(person, row, this.timeOf(n), lastPerson, columns);
      }
    }
  }

  private bid(target: BidColumns, row: number, time: number, lastAuction: number, lastPerson: number): void {
    const { random, config } = this;
    const { depth } = target;
    target.nulls[row] = 0;
    target.dateTime?.put(row, time);
    if (depth < 1) return;
    let auction = Math.floor(lastAuction / HOT_STEP) * HOT_STEP;
    if (random.below(config.hotAuctions) === 0) {
      const low = Math.max(lastAuction - AUCTIONS_IN_FLIGHT, 0);
      auction = low + random.below(lastAuction - low + 1 + ID_LEAD);
    }
    target.auction?.put(row, auction + FIRST_AUCTION_ID);
    if (depth < 2) return;
    const hotBidder = random.below(config.hotBidders) > 0;
    const bidder = hotBidder ? Math.floor(lastPerson / HOT_STEP) * HOT_STEP + 1 : this.anyPerson(lastPerson);
    // The benchmark adds the first person's id twice.
    target.bidder?.put(row, bidder + 2 * FIRST_PERSON_ID);
    if (depth < 3) return;
    if (target.price === undefined) random.unit();
    else target.price.put(row, this.price());
    if (depth < 4) return;
    const channel = random.below(2) > 0 ? random.below(HOT_CHANNELS) : HOT_CHANNELS + random.below(CHANNELS);
    target.channel?.putPooled(row, this.pools.channels, channel);
    target.url?.putPooled(row, this.pools.urls, channel);
    if (target.extra !== undefined) this.extra(target.extra, row, 32, config.bidBytes);
  }

  private auction(
    target: AuctionColumns,
    row: number,
    n: number,
    lastAuction: number,
    lastPerson: number,
    columns: EventColumns,
  ): void {
    const { random, config } = this;
    const { depth } = target;
    const time = this.timeOf(n);
    target.nulls[row] = 0;
    target.id?.put(row, lastAuction + FIRST_AUCTION_ID);
    target.dateTime?.put(row, time);
    if (depth < 1) return;
    const hotSeller = random.below(config.hotSellers) > 0;
    const seller = hotSeller ? Math.floor(lastPerson / HOT_STEP) * HOT_STEP : this.anyPerson(lastPerson);
    target.seller?.put(row, seller + FIRST_PERSON_ID);
    if (depth < 2) return;
    const category = random.below(CATEGORIES);
    target.category?.put(row, FIRST_CATEGORY_ID + category);
    if (depth < 3) return;
    const initialBid = this.price();
    target.initialBid?.put(row, initialBid);
    if (depth < 4) return;
    const horizon = this.timeOf(n + this.auctionHorizon) - time;
    const expires = time + 1 + random.below(Math.max(2 * horizon, 1));
    target.expires?.put(row, expires);
    if (depth < 5) return;
    columns.reserveText(EVENT_TEXT_BYTES);
    const itemBytes = this.wordColumn(columns, target.itemName, row, 20);
    if (depth < 6) return;
    const descriptionBytes = this.wordColumn(columns, target.description, row, 100);
    if (depth < 7) return;
    const reserve = initialBid + this.price();
    target.reserve?.put(row, reserve);
    if (target.extra !== undefined)
      this.extra(target.extra, row, 48 + itemBytes + descriptionBytes, config.auctionBytes);
  }

  private person(target: PersonColumns, row: number, time: number, lastPerson: number, columns: EventColumns): void {
    const { random, config } = this;
    const { names, cities, states } = this.pools;
    const { depth } = target;
    target.nulls[row] = 0;
    target.id?.put(row, lastPerson + FIRST_PERSON_ID);
    target.dateTime?.put(row, time);
    if (depth < 1) return;
    const name = random.below(FIRST_NAMES) * LAST_NAMES + random.below(LAST_NAMES);
    target.name?.putPooled(row, names, name);
    if (depth < 2) return;
    columns.reserveText(EVENT_TEXT_BYTES);
    const start = columns.textSize;
    this.word(columns, 7);
    columns.text[columns.textSize++] = 64;
    this.word(columns, 5);
    for (const code of DOT_COM) columns.text[columns.textSize++] = code;
    const emailBytes = columns.textSize - start;
    if (target.emailAddress === undefined) columns.textSize = start;
    else target.emailAddress.put(row, start, emailBytes);
    if (depth < 3) return;
    const cardBytes = this.creditCard(columns, target.creditCard, row);
    if (depth < 4) return;
    const city = random.below(CITY_COUNT);
    target.city?.putPooled(row, cities, city);
    if (depth < 5) return;
    const state = random.below(STATE_COUNT);
    target.state?.putPooled(row, states, state);
    if (target.extra === undefined) return;
    const others = names.lengths[name]! + emailBytes + cardBytes + cities.lengths[city]! + states.lengths[state]!;
    this.extra(target.extra, row, 8 + others, config.personBytes);
  }

  private anyPerson(lastPerson: number): number {
    const count = lastPerson + 1;
    const active = count < ACTIVE_PERSONS ? count : ACTIVE_PERSONS;
    return count - active + this.random.below(active + ID_LEAD);
  }

  /** Cents, evenly spread over the logarithm. */
  private price(): number {
    return Math.round(Math.pow(10, this.random.unit() * 6) * 100);
  }

  /** A piece of the pool that brings the row from `bytes` to about `average` bytes. */
  private extra(target: TextColumn, row: number, bytes: number, average: number): void {
    if (bytes > average) {
      target.put(row, 0, 0);
      return;
    }
    const missing = average - bytes;
    const delta = Math.round(0.2 * missing);
    const length = missing - delta + (delta === 0 ? 0 : this.random.below(2 * delta));
    target.put(row, this.random.below(EXTRA_BYTES - length), length);
  }

  /** Four groups of four digits. */
  private creditCard(columns: EventColumns, target: TextColumn | undefined, row: number): number {
    const start = columns.textSize;
    const { text } = columns;
    let at = start;
    for (let group = 0; group < 4; group++) {
      if (group > 0) text[at++] = SPACE;
      let value = this.random.below(10_000);
      for (let digit = 3; digit >= 0; digit--) {
        text[at + digit] = 48 + (value % 10);
        value = (value / 10) | 0;
      }
      at += 4;
    }
    if (target !== undefined) {
      target.put(row, start, at - start);
      columns.textSize = at;
    }
    return at - start;
  }

  private wordColumn(columns: EventColumns, target: TextColumn | undefined, row: number, max: number): number {
    const start = columns.textSize;
    this.word(columns, max);
    const length = columns.textSize - start;
    if (target === undefined) columns.textSize = start;
    else target.put(row, start, length);
    return length;
  }

  /** Appends 3 … max - 1 letters, one in thirteen a blank; blanks at both ends are cut off. */
  private word(columns: EventColumns, max: number): void {
    const { text } = columns;
    const { random } = this;
    const start = columns.textSize;
    let at = start;
    for (let left = 3 + random.below(max - 3); left > 0; left--) {
      if (random.below(13) !== 0) text[at++] = 97 + random.below(26);
      else if (at > start) text[at++] = SPACE;
    }
    while (at > start && text[at - 1] === SPACE) at -= 1;
    columns.textSize = at;
  }
}

const DOT_COM = [46, 99, 111, 109];
