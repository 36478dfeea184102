import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { SharedBroker } from "./shared-broker.ts";

/**
 * Before all test files: names the folder in which the first test that needs a broker leaves word of the one that it has
 * started. Nothing is started here. Afterwards that broker is stopped.
 */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kafka-run-"));
  project.provide("kafkaRunFolder", folder);
  project.provide("kafkaOwner", process.pid);
  return () => {
    const file = join(folder, "broker.json");
    if (existsSync(file)) {
      const broker = JSON.parse(readFileSync(file, "utf8")) as SharedBroker;
      try {
        process.kill(broker.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
      rmSync(broker.dataDirectory, { recursive: true, force: true });
    }
    rmSync(folder, { recursive: true, force: true });
  };
}

declare module "vitest" {
  export interface ProvidedContext {
    kafkaRunFolder: string;
    kafkaOwner: number;
  }
}
