import type { Connector } from "./api.ts";
import { filesystem } from "./filesystem/index.ts";

/** The built-in connectors. */
export const CONNECTORS: readonly Connector[] = [filesystem];
