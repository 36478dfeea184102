import type { OptionType } from "../../src/base/options.ts";
import { CONFIG_OPTIONS, JOB_OPTIONS_OF_TABLES, SYNONYMS } from "../../src/engine/config.ts";
import { code, codes, GENERATED, page, sentence, table } from "./markdown.ts";

type Option = (typeof CONFIG_OPTIONS)[number];

const VALUES: Readonly<Record<Extract<OptionType, string>, string>> = {
  string: "text",
  boolean: "`true`, `false`",
  int: "integer",
  duration: "duration",
  memory: "size",
  char: "one character",
};

/** docs/configuration.md: every option of SET. */
export function configurationPage(): string {
  const working = CONFIG_OPTIONS.filter((o) => o.effect !== "none");
  const idle = CONFIG_OPTIONS.filter((o) => o.effect === "none");
  return page([
    GENERATED,
    "# Configuration",
    "`SET 'key' = 'value'` in a script, `-D key=value` on the command line, or `millrace.yaml` (Flink's shape: nested maps or dotted keys; `--config FILE`). " +
      "A key that is not listed here is `error[OPTION_UNKNOWN]` with the nearest name; a value that is known but not executed is `error[UNSUPPORTED]`. " +
      "`RESET 'key'` goes back to what the command line or the file gave.",
    "Durations: `500 ms`, `1s`, `5000` (milliseconds), `1 min`, `2 h`, `7 d`.",
    "## What wins",
    "From strongest to weakest:",
    [
      "1. a hint in the query, `/*+ OPTIONS('key' = 'value') */` (options of tables)",
      "2. the sink tables' `WITH`, for the options under *Options of tables* below",
      "3. the source tables' `WITH`, for the same options",
      "4. `SET` in the script",
      "5. `-D` on the command line",
      "6. the configuration file",
      "7. the default",
    ].join("\n"),
    "Two tables of one level that disagree are `error[OPTION_CONFLICT]`.",
    "## Options",
    table(
      ["option", "value", "default", "meaning"],
      working.map((o) => [
        code(o.name),
        valuesOf(o),
        o.default === undefined ? "–" : code(o.default),
        sentence(o.summary),
      ]),
    ),
    "## Accepted without effect",
    "Scripts for Flink carry these; they change nothing that a single process could do otherwise.",
    table(
      ["option", "why"],
      idle.map((o) => [
        code(o.name),
        sentence(o.summary.replace(/^no effect:? ?/, "") || "it only concerns how Flink shows or compiles plans"),
      ]),
    ),
    "## Options of tables",
    "These may stand in the `WITH` of a table too, and then configure each job that reads or writes it:",
    [...JOB_OPTIONS_OF_TABLES].map((name) => `- ${codes([...shortNames(name), name])}`).join("\n"),
    "## Other names",
    table(
      ["name", "the same as"],
      [...SYNONYMS].map(([name, canonical]) => [code(name), code(canonical)]),
    ),
  ]);
}

function valuesOf(option: Option): string {
  const values = typeof option.type === "string" ? VALUES[option.type] : codes(option.type);
  if (option.supported === undefined) return values;
  return option.supported.length === 0 ? "not supported yet" : `only ${codes(option.supported)}`;
}

function shortNames(canonical: string): string[] {
  return [...SYNONYMS].filter(([, to]) => to === canonical).map(([name]) => name);
}
