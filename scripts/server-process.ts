// What throw-away servers of tests have in common.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Where what is fetched or built once for all clones and worktrees is kept: the user's cache. */
function cacheFolder(): string {
  const wanted = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch {
    return tmpdir();
  }
}

/** Where a folder of this name is kept in the cache. */
export function cached(name: string): string {
  return join(cacheFolder(), "millrace-tests", name);
}

/**
 * The cached folder, filled once on this machine: `fill` gets an empty one, which takes the name when it has come back,
 * so that who dies meanwhile leaves no half of it.
 */
export function filledOnce(name: string, fill: (folder: string) => void): string {
  const target = cached(name);
  if (existsSync(target)) return target;
  const parent = join(target, "..");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "filling-"));
  try {
    fill(folder);
    renameSync(folder, target);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Why Java cannot run what needs this version; undefined: it can. */
export function whyNoJava(least: number, what: string): string | undefined {
  const run = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = /version "(?:1\.)?(\d+)/.exec(run.stderr ?? "")?.[1];
  if (version === undefined) return "there is no 'java' on the PATH";
  return Number(version) < least ? `'java' is version ${version}, ${what} needs ${least}` : undefined;
}

/** kill -9, and waits until it is gone. */
export async function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.ref();
  child.kill("SIGKILL");
  await gone;
}

/** Ends the server, and removes its data, when its owner has gone without stopping it. */
export function endWithOwner({ pid }: ChildProcess, owner: number, dataDirectory: string): void {
  const script = `while kill -0 ${owner} 2>/dev/null; do kill -0 ${pid} 2>/dev/null || exit 0; sleep 1; done; kill -9 ${pid}; rm -rf "${dataDirectory}"`;
  spawn("sh", ["-c", script], { stdio: "ignore", detached: true }).unref();
}

/** Ports that nobody uses; all at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Does something listen there? */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** After so long. */
export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, millis);
  });
}
