import type { Connector } from "./api.ts";
import { blackhole } from "./blackhole.ts";
import { datagen } from "./datagen/index.ts";
import { filesystem } from "./filesystem/index.ts";
import { kafka, upsertKafka } from "./kafka/index.ts";
import { nexmark } from "./nexmark/index.ts";
import { print } from "./print.ts";

/** The built-in connectors. */
export const CONNECTORS: readonly Connector[] = [blackhole, datagen, filesystem, kafka, nexmark, print, upsertKafka];
