import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KafkaBroker } from "./broker.ts";

/** What the process that started the broker of a test run tells the others. */
export interface SharedBroker {
  readonly pid: number;
  readonly bootstrap: string;
  readonly dataDirectory: string;
}

const WAIT_MILLIS = 180_000;

/** The one broker of a test run: started by whoever comes first, found by the others. */
export async function sharedBroker(runFolder: string, owner: number): Promise<SharedBroker> {
  const file = join(runFolder, "broker.json");
  if (isFirst(runFolder)) {
    try {
      const broker = await KafkaBroker.start({ owner });
      const { pid, dataDirectory } = broker;
      write(file, { pid, bootstrap: broker.bootstrap(), dataDirectory });
    } catch (error) {
      write(join(runFolder, "failed.json"), String(error));
    }
  }
  const deadline = Date.now() + WAIT_MILLIS;
  while (!existsSync(file)) {
    const failed = join(runFolder, "failed.json");
    if (existsSync(failed)) throw new Error(`no broker for this run: ${readFileSync(failed, "utf8")}`);
    if (Date.now() > deadline) throw new Error("the broker of this run was not started in time");
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  return JSON.parse(readFileSync(file, "utf8")) as SharedBroker;
}

/** Only one process makes a folder. */
function isFirst(runFolder: string): boolean {
  try {
    mkdirSync(join(runFolder, "starting"));
    return true;
  } catch {
    return false;
  }
}

function write(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}
