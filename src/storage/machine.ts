import { nodeFiles, nodeFilesSync } from "./file-system.ts";
import type { FileSystem, SyncFileSystem } from "./file-system.ts";
import { nodeProcesses } from "./processes.ts";
import type { Processes } from "./processes.ts";

/** What survives a process: its disks, and who else lives beside it. Tests of faults put a simulated one here. */
export interface Machine {
  readonly files: FileSystem;
  readonly filesSync: SyncFileSystem;
  readonly processes: Processes;
}

/** The machine that this process runs on. */
export const thisMachine: Machine = { files: nodeFiles, filesSync: nodeFilesSync, processes: nodeProcesses };
