// Entry of a job's threads, started by the engine; not part of the public API.
import { startThread } from "./engine/threads/worker.ts";

startThread();
