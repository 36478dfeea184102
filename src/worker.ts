// Entry of a job's threads, started by the engine; not part of the public API.
import { fileURLToPath } from "node:url";
import { loadCompiled } from "./cli/compile-cache.ts";
import type * as Thread from "./engine/threads/worker.ts";

/** Set by the build: a name for the content of `thread.cjs`. */
declare const BUILD: string;

const file = fileURLToPath(new URL("./thread.cjs", import.meta.url));
const { module, leave } = loadCompiled<typeof Thread>(file, BUILD, "thread");
module.startThread(leave);
