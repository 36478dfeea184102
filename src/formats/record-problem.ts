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
  /** `ignore-parse-errors`; undefined: the format does not have it. */
  private readonly ignore: boolean | undefined;
  /** Records are no text: they are shown in hex. */
  private readonly binary: boolean;
  private readonly onBadRecord: ((record: BadRecord) => void) | undefined;
  skippedRecords = 0;
  skippedFields = 0;

  constructor(
    format: string,
    ignore: boolean | undefined,
    onBadRecord: ((record: BadRecord) => void) | undefined,
    binary = false,
  ) {
    this.format = format;
    this.ignore = ignore;
    this.binary = binary;
    this.onBadRecord = onBadRecord;
  }

  /** Counts, reports or throws BAD_RECORD for the record at `data[start .. end)`; `offset` is what gets reported. */
  reject(data: Uint8Array, start: number, end: number, reason: string, offset = start): void {
    if (this.ignore === true) {
      this.skippedRecords++;
      return;
    }
    const raw = this.binary ? hex(data, start, end) : decodeUtf8(data, start, end - start);
    const ignoreOption = this.ignore === undefined ? undefined : `${this.format}.ignore-parse-errors`;
    if (this.onBadRecord === undefined) throw badRecord(this.format, raw, reason, { ignoreOption });
    this.onBadRecord({ raw, reason, offset });
  }
}

/** Bytes of a record that are given away in hex, at most. */
const HEX_BYTES = 1 << 16;

function hex(data: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + HEX_BYTES);
  const text = Buffer.from(data.buffer, data.byteOffset + start, stop - start).toString("hex");
  return `0x${text}${stop < end ? "…" : ""}`;
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
