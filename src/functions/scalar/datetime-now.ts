import { SqlError } from "../../base/errors.ts";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY } from "../../types/datetime.ts";
import { instantToLocal } from "../../types/timezone.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { dayOfMillis } from "./datetime-parts.ts";

/** A function without arguments that reads the clock anew for each row. */
function clock(
  name: string,
  type: DataType,
  summary: string,
  read: (nowMillis: number, zone: string) => Value,
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}()`,
    resolve: (args) => (args.length === 0 ? { type } : undefined),
    nulls: "propagate",
    stability: "row",
    evaluator: (_, session) => () => read(session.nowMillis(), session.timeZone),
    doc: { summary, examples: [example] },
  });
}

const instant = T.timestampLtz(3, false);

/** The runtime replaces calls in SELECT and WHERE by what it knows of the watermark. */
const currentWatermark = scalar({
  name: "CURRENT_WATERMARK",
  signature: "CURRENT_WATERMARK(<ROWTIME>)",
  resolve: (args) => {
    const type = args[0]?.type;
    if (args.length !== 1 || (type?.kind !== "TIMESTAMP" && type?.kind !== "TIMESTAMP_LTZ")) return undefined;
    return { type: { kind: type.kind, precision: 3, nullable: true } };
  },
  nulls: "handled",
  stability: "row",
  evaluator: () => () => {
    throw new SqlError(
      "UNSUPPORTED",
      "CURRENT_WATERMARK is only known in SELECT and WHERE of a stream with a watermark",
    );
  },
  doc: {
    summary: "The watermark that a row of an event-time stream meets; NULL before the first one.",
    examples: [["IF(TRUE, 'no row', CAST(CURRENT_WATERMARK(LOCALTIMESTAMP) AS STRING))", "no row"]],
  },
});

/** What the clock says. In streaming mode each row asks anew. */
export const clockFunctions: readonly ScalarFunction[] = [
  currentWatermark,
  clock("CURRENT_TIMESTAMP", instant, "The instant of now.", (now) => now, [
    "CURRENT_TIMESTAMP >= CAST('1970-01-01 00:00:00' AS TIMESTAMP_LTZ(3))",
    "TRUE",
  ]),
  clock("NOW", instant, "The instant of now.", (now) => now, ["NOW() IS NULL", "FALSE"]),
  clock("CURRENT_ROW_TIMESTAMP", instant, "The instant of now.", (now) => now, [
    "CURRENT_ROW_TIMESTAMP() IS NULL",
    "FALSE",
  ]),
  clock("PROCTIME", instant, "The processing time, also as a time attribute.", (now) => now, [
    "PROCTIME() IS NULL",
    "FALSE",
  ]),
  clock(
    "LOCALTIMESTAMP",
    T.timestamp(3, false),
    "The date and time of now in the session's time zone.",
    (now, zone) => instantToLocal(zone, now),
    ["LOCALTIMESTAMP >= TIMESTAMP '1970-01-01 00:00:00'", "TRUE"],
  ),
  clock(
    "CURRENT_DATE",
    T.date(false),
    "The date of now in the session's time zone.",
    (now, zone) => dayOfMillis(instantToLocal(zone, now)),
    ["CURRENT_DATE >= DATE '1970-01-01'", "TRUE"],
  ),
  ...["CURRENT_TIME", "LOCALTIME"].map((name) =>
    clock(
      name,
      T.time(0, false),
      "The time of day of now in the session's time zone.",
      (now, zone) => {
        const local = instantToLocal(zone, now);
        const millis = local - dayOfMillis(local) * MILLIS_PER_DAY;
        return millis - (millis % 1000);
      },
      [`${name} < TIME '23:59:59' OR ${name} >= TIME '00:00:00'`, "TRUE"],
    ),
  ),
];
