import type { Connector } from "./connectors/api.ts";
import type { Format } from "./formats/api.ts";

/**
 * A connector of your own, by the very interface of the built-in ones: `export default defineConnector({ … })` in a
 * module that a table names, `'connector' = './file.js'` or `'npm:package'` (`#name`: another export).
 */
export function defineConnector(connector: Connector): Connector {
  return connector;
}

/** A format of your own, likewise: `'format' = './file.js#name'`; its options carry its `name` in front. */
export function defineFormat(format: Format): Format {
  return format;
}
