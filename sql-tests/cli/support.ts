import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { cli } from "../recovery/support.ts";

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** What was printed so far. */
  readonly text: { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
}

const COMMAND = cli();

/** An empty folder that is removed after the file's tests, with these files in it. */
export function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** `millrace …` in a process of its own. */
export function start(
  args: readonly string[],
  { cwd, stdin }: { readonly cwd?: string; readonly stdin?: string } = {},
): Started {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...process.env, FORCE_COLOR: undefined },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(stdin ?? "");
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text.stdout += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (text.stderr += piece));
  const ended = once(child, "close").then(([code, signal]: unknown[]): Ended => ({
    code: code as number | null,
    signal: signal as string | null,
    ...text,
  }));
  return { child, text, ended };
}

/** `millrace …`, awaited. */
export async function millrace(
  args: readonly string[],
  options: { readonly cwd?: string; readonly stdin?: string } = {},
): Promise<Ended> {
  return await start(args, options).ended;
}

/** Resolves when `condition` holds; looks every few millis. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A table that never ends; `n` is 1. */
export const ENDLESS = `CREATE TABLE endless (n BIGINT, s STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000000', 'fields.n.min' = '1', 'fields.n.max' = '1');`;
