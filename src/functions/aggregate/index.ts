import type { AggregateFunction } from "../define.ts";
import { AVG, SHARED_AVG } from "./avg.ts";
import { ARRAY_AGG, COLLECT } from "./collect.ts";
import { COUNT } from "./count.ts";
import { FIRST_LAST } from "./first-last.ts";
import { JSON_AGGREGATES } from "./json-agg.ts";
import { LISTAGG } from "./list-agg.ts";
import { MIN_MAX } from "./min-max.ts";
import { OVER_ONLY } from "./over-only.ts";
import { PERCENTILE } from "./percentile.ts";
import { SINGLE_VALUE } from "./single-value.ts";
import { SUM, SUM0 } from "./sum.ts";
import { DEVIATIONS } from "./variance.ts";

/** All built-in aggregate functions. */
export const AGGREGATES: readonly AggregateFunction[] = [
  COUNT,
  SUM,
  SUM0,
  AVG,
  SHARED_AVG,
  ...MIN_MAX,
  ...FIRST_LAST,
  LISTAGG,
  COLLECT,
  ARRAY_AGG,
  ...DEVIATIONS,
  ...JSON_AGGREGATES,
  PERCENTILE,
  SINGLE_VALUE,
  ...OVER_ONLY,
];
