import { within, type Place } from "../storage/place.ts";
import { entriesIn, HISTORY_FILE, shortened, summarised, type Dropped, type HistoryEntry } from "./run-history.ts";
import type { RunHistory } from "./statistics.ts";

/** An object cannot be appended to: it is written as a whole, and so kept short. */
const MAX_ENTRIES = 200;

/** What became of each checkpoint of a run in a storage; the newest of them one by one. */
export class PlaceHistory {
  readonly #run: Place;
  #entries: readonly (HistoryEntry | Dropped)[] | undefined;

  constructor(run: Place) {
    this.#run = run;
  }

  async read(): Promise<RunHistory> {
    return summarised(await this.#read());
  }

  /** Calls must not overlap. */
  async append(entry: HistoryEntry): Promise<void> {
    const { storage, path } = within(this.#run, HISTORY_FILE);
    const text = shortened([...(await this.#read()), entry], MAX_ENTRIES);
    await storage.put(path, Buffer.from(text));
    this.#entries = entriesIn(text);
  }

  async #read(): Promise<readonly (HistoryEntry | Dropped)[]> {
    const { storage, path } = within(this.#run, HISTORY_FILE);
    this.#entries ??= entriesIn(Buffer.from((await storage.read(path))?.bytes ?? []).toString());
    return this.#entries;
  }
}
