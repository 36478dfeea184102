import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The built executable; MILLRACE_CLI names another one. Throws when it is older than the sources. */
export function cli(): string {
  const named = process.env["MILLRACE_CLI"];
  if (named !== undefined) return named;
  const built = join(ROOT, "dist/cli.js");
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const builtMillis = existsSync(built) ? statSync(built).mtimeMs : 0;
  const newer = sources.find((name) => statSync(join(ROOT, "src", name)).mtimeMs > builtMillis);
  if (newer !== undefined) throw new Error(`dist/cli.js is older than src/${newer}: npm run build`);
  return built;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `millrace …` in a process of its own. `fault`: where it is to die. */
export function start(
  args: readonly string[],
  fault?: string,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const env = { ...process.env, MILLRACE_FAULT: fault };
  const child = spawn(process.execPath, [cli(), ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece: Buffer) => (text.stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (text.stderr += piece.toString()));
  const ended = once(child, "close").then(([code, signal]: unknown[]) => ({
    code: code as number | null,
    signal: signal as string | null,
    ...text,
  }));
  return { child, ended };
}

/** Resolves when `condition` holds; looks every few millis. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A job in a folder of its own: script, checkpoints, output. */
export class Scene {
  readonly directory = mkdtempSync(join(tmpdir(), "millrace-recovery-"));

  /** Writes the script; `${tmp}` is the scene's folder. */
  constructor(script: string) {
    writeFileSync(join(this.directory, "job.sql"), script.replaceAll("${tmp}", this.directory));
  }

  get script(): string {
    return join(this.directory, "job.sql");
  }

  run(...args: readonly string[]): Promise<Ended> {
    return start(["run", this.script, ...args]).ended;
  }

  /** Goes on from the newest checkpoint. */
  resume(fault?: string, ...args: readonly string[]): Promise<Ended> {
    return start(["run", this.script, "--from", "latest", ...args], fault).ended;
  }

  /** Folders below the scene's, in order of their names. */
  folders(...path: readonly string[]): string[] {
    const folder = join(this.directory, ...path);
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  /** Numbers of the checkpoints of a job's only run. */
  checkpoints(job: string): number[] {
    const [run = ""] = this.folders("checkpoints", job);
    return this.folders("checkpoints", job, run)
      .flatMap((name) => (name.startsWith("chk-") ? [Number(name.slice(4))] : []))
      .sort((a, b) => a - b);
  }

  /** Names of the files in the newest checkpoint of a job's only run. */
  newestStateFiles(job: string): string[] {
    const [run = ""] = this.folders("checkpoints", job);
    return this.folders("checkpoints", job, run, `chk-${this.checkpoints(job).at(-1)}`);
  }

  /** What readers of a table see: its finished files in the order in which they were begun. */
  visible(table: string): string {
    // Markers and partitions aside.
    const names = this.folders(table).filter((name) => !/^[._]|=/.test(name));
    const numbers = (name: string): number[] =>
      name
        .replace(/^compacted-/, "")
        .split("-")
        .slice(2)
        .map(Number);
    names.sort(
      (a, b) =>
        numbers(a)
          .map((value, i) => value - numbers(b)[i]!)
          .find((difference) => difference !== 0) ?? 0,
    );
    return names.map((name) => readFileSync(join(this.directory, table, name), "utf8")).join("");
  }

  /** Files that readers do not see. */
  hidden(table: string): string[] {
    return this.folders(table).filter((name) => name.startsWith("."));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What readers see of each table after a run that nobody disturbs. */
export async function undisturbed(script: string, tables: readonly string[]): Promise<Map<string, string>> {
  const calm = new Scene(script);
  const { code, stderr } = await calm.run();
  assert.equal(code, 0, stderr);
  assert(!stderr.includes("error"), stderr);
  const texts = new Map(tables.map((table) => [table, calm.visible(table)]));
  calm.remove();
  return texts;
}
