import { SqlError } from "../base/errors.ts";
import { decodeUtf8 } from "../batch/utf8.ts";
import type { BadRecord } from "./api.ts";

/**
 * Why a record cannot be read. Thrown inside a decoder and always caught there; not an Error, because that would cost
 * a stack trace for each bad line.
 */
export class RecordProblem {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Longest piece of a record that an error message shows. */
const SHOWN_CHARACTERS = 200;

/** What a format does with records that it cannot read. */
export class BadRecordPolicy {
  readonly format: string;
  readonly ignore: boolean;
  private readonly onBadRecord: ((record: BadRecord) => void) | undefined;
  skippedRecords = 0;
  skippedFields = 0;

  constructor(format: string, ignore: boolean, onBadRecord: ((record: BadRecord) => void) | undefined) {
    this.format = format;
    this.ignore = ignore;
    this.onBadRecord = onBadRecord;
  }

  /** Counts, reports or throws BAD_RECORD for the record at `data[start .. end)`; `offset` is what gets reported. */
  reject(data: Uint8Array, start: number, end: number, reason: string, offset = start): void {
    if (this.ignore) {
      this.skippedRecords++;
      return;
    }
    const raw = decodeUtf8(data, start, end - start);
    if (this.onBadRecord === undefined)
      throw badRecord(this.format, raw, reason, { ignoreOption: `${this.format}.ignore-parse-errors` });
    this.onBadRecord({ raw, reason, offset });
  }
}

/** The error for a record that ends the job. `ignoreOption`: the option that would have it skipped. */
export function badRecord(
  format: string,
  raw: string,
  reason: string,
  { place, ignoreOption }: { readonly place?: string; readonly ignoreOption?: string | undefined },
): SqlError {
  const shown = raw.length > SHOWN_CHARACTERS ? `${raw.slice(0, SHOWN_CHARACTERS)}…` : raw;
  const where = place === undefined ? "" : ` (${place})`;
  return new SqlError("BAD_RECORD", `cannot read ${format.toUpperCase()} record '${shown}': ${reason}${where}`, {
    hint: ignoreOption === undefined ? undefined : `set '${ignoreOption}' = 'true' to skip what cannot be read`,
  });
}
