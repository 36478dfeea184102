import { invalidOption, OptionReader } from "../../base/options.ts";
import type { ConnectorOption } from "../api.ts";

/** Options of the nexmark connector; the names are those of the Nexmark project where it has them. */
export const NEXMARK_OPTIONS: readonly ConnectorOption[] = [
  { name: "events.num", type: "int", default: "0", summary: "Number of events; 0: unbounded." },
  { name: "first-event.rate", type: "int", default: "10000", summary: "Events per second of event time." },
  { name: "next-event.rate", type: "int", summary: "Accepted for compatibility; the rate does not change." },
  {
    name: "max-emit-speed",
    type: "boolean",
    default: "true",
    summary: "Makes events as fast as possible; 'false': as fast as their time says.",
  },
  {
    name: "base-time",
    type: "int",
    default: "1436918400000",
    summary: "Time of event number 0, in milliseconds since 1970.",
  },
  { name: "first-event.id", type: "int", default: "1", summary: "Added to the event number to give its id." },
  { name: "first-event.number", type: "int", default: "1", summary: "Number of the first event." },
  {
    name: "out-of-order-group-size",
    type: "int",
    default: "1",
    summary: "Events are out of order inside groups of this size.",
  },
  {
    name: "person.proportion",
    type: "int",
    default: "1",
    summary: "Persons among person + auction + bid proportions.",
  },
  { name: "auction.proportion", type: "int", default: "3", summary: "Auctions among the proportions." },
  { name: "bid.proportion", type: "int", default: "46", summary: "Bids among the proportions." },
  { name: "person.avg-size", type: "int", default: "200", summary: "Average size of a person in bytes." },
  { name: "auction.avg-size", type: "int", default: "500", summary: "Average size of an auction in bytes." },
  { name: "bid.avg-size", type: "int", default: "100", summary: "Average size of a bid in bytes." },
  {
    name: "auction.hot-ratio.sellers",
    type: "int",
    default: "4",
    summary: "All but one of so many auctions come from a hot seller.",
  },
  {
    name: "bid.hot-ratio.auctions",
    type: "int",
    default: "2",
    summary: "All but one of so many bids go to a hot auction.",
  },
  {
    name: "bid.hot-ratio.bidders",
    type: "int",
    default: "4",
    summary: "All but one of so many bids come from a hot bidder.",
  },
];

/** What the generator needs to know. */
export interface NexmarkConfig {
  /** Infinity: unbounded. */
  readonly events: number;
  readonly baseTimeMillis: number;
  readonly delayMicros: number;
  readonly firstId: number;
  readonly firstNumber: number;
  readonly group: number;
  readonly persons: number;
  readonly auctions: number;
  readonly bids: number;
  readonly personBytes: number;
  readonly auctionBytes: number;
  readonly bidBytes: number;
  readonly hotSellers: number;
  readonly hotAuctions: number;
  readonly hotBidders: number;
  readonly paced: boolean;
}

/** Reads the options of a table. Throws OPTION_INVALID. */
export function nexmarkConfig(options: Readonly<Record<string, string>>): NexmarkConfig {
  const reader = new OptionReader(options, NEXMARK_OPTIONS);
  const number = (name: string, least: number): number => {
    const value = reader.integer(name) ?? 0;
    if (value < least) throw invalidOption(name, String(value), `a number of at least ${least}`);
    return value;
  };
  const events = number("events.num", 0);
  const config: NexmarkConfig = {
    events: events === 0 ? Number.POSITIVE_INFINITY : events,
    baseTimeMillis: number("base-time", Number.MIN_SAFE_INTEGER),
    delayMicros: 1_000_000 / number("first-event.rate", 1),
    firstId: number("first-event.id", 0),
    firstNumber: number("first-event.number", 0),
    group: number("out-of-order-group-size", 1),
    persons: number("person.proportion", 1),
    auctions: number("auction.proportion", 1),
    bids: number("bid.proportion", 0),
    personBytes: number("person.avg-size", 0),
    auctionBytes: number("auction.avg-size", 0),
    bidBytes: number("bid.avg-size", 0),
    hotSellers: number("auction.hot-ratio.sellers", 1),
    hotAuctions: number("bid.hot-ratio.auctions", 1),
    hotBidders: number("bid.hot-ratio.bidders", 1),
    paced: reader.boolean("max-emit-speed") === false,
  };
  return config;
}
