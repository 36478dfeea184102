import { canonicalOption, checkConfigOption } from "../engine/config.ts";
import { definedOptions } from "./args.ts";
import { readConfigFile } from "./config-file.ts";

/** Flags of commands that look into checkpoints: what a run is given to reach and to read them. */
export const PLACE_FLAGS = {
  define: { type: "string", short: "D", multiple: true },
  config: { type: "string" },
} as const;

/** Options by canonical name: those of the config file, then those of `-D`. Throws USAGE, OPTION_UNKNOWN, OPTION_INVALID, UNSUPPORTED. */
export async function placeOptions(values: {
  readonly define?: readonly string[] | undefined;
  readonly config?: string | undefined;
}): Promise<ReadonlyMap<string, string>> {
  const options = new Map<string, string>();
  for (const [key, value] of [...(await readConfigFile(values.config)), ...definedOptions(values.define ?? [])]) {
    checkConfigOption(key, value);
    options.set(canonicalOption(key), value);
  }
  return options;
}
