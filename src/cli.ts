#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { loadCompiled } from "./cli/compile-cache.ts";
import type * as Main from "./cli/main.ts";
import { compileForJobs } from "./cli/tiering.ts";

/** Set by the build: a name for the content of `main.cjs`. */
declare const BUILD: string;

const OTHER_THAN_RUN = ["test", "explain", "checkpoints", "state", "help", "version"];

compileForJobs();
const word = process.argv[2]?.replace(/^-+/, "") ?? "";
const purpose = OTHER_THAN_RUN.includes(word) ? word : "run";
const { module, leave } = loadCompiled<typeof Main>(
  fileURLToPath(new URL("./main.cjs", import.meta.url)),
  BUILD,
  purpose,
);
process.once("exit", leave);
process.exitCode = await module.main(process.argv.slice(2));
