// What throw-away servers of tests have in common.
import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
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
 * The cached folder (or another), filled once on this machine: `fill` gets an empty one, which takes the name when it has come back,
 * so that who dies meanwhile leaves no half of it.
 */
export function filledOnce(name: string, fill: (folder: string) => void, target = cached(name)): string {
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

/** Why Java cannot run what needs a version from `least` to `most`; undefined: it can. */
export function whyNoJava(least: number, what: string, most = Infinity): string | undefined {
  const run = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = /version "(?:1\.)?(\d+)/.exec(run.stderr ?? "")?.[1];
  if (version === undefined) return "there is no 'java' on the PATH";
  if (Number(version) >= least && Number(version) <= most) return undefined;
  return `'java' is version ${version}, ${what} needs ${least}${most === Infinity ? "" : ` to ${most}`}`;
}

/** Why Maven cannot fetch what is not in the cache yet; undefined: it can, or need not. */
export function whyNoMaven(cacheName: string, what: string): string | undefined {
  if (existsSync(cached(cacheName)) || spawnSync("mvn", ["-v"]).status === 0) return undefined;
  return `${what} has not been fetched yet, and there is no 'mvn' on the PATH to fetch it`;
}

/** The folder of the jars that a pom names; the first call on a machine fetches them with Maven. */
export function jarsOf(pom: string, cacheName: string): string {
  return filledOnce(cacheName, (folder) => {
    const goals = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", "-DincludeScope=runtime"];
    const run = spawnSync("mvn", [...goals, `-DoutputDirectory=${folder}`], { encoding: "utf8", timeout: 600_000 });
    if (run.status !== 0)
      throw new Error(`Maven could not fetch ${cacheName}: ${run.error?.message ?? run.stdout + run.stderr}`);
  });
}

/** A server that is to be started. */
export interface ServerStart {
  /** For messages: `the S3 server`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its working folder, with `server.log`; removed when the owner has gone without stopping it. */
  readonly folder: string;
  /** The process that it is not to outlive. */
  readonly owner: number;
  /** Who runs it; default: who runs this process. */
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined;
  readonly patienceMillis: number;
  isReady(): Promise<boolean>;
}

/** Starts it, and comes back when it is ready. */
export async function startServer(server: ServerStart): Promise<ChildProcess> {
  const { name, folder } = server;
  const log = openSync(join(folder, "server.log"), "a");
  const options: SpawnOptions = { stdio: ["ignore", log, log], cwd: folder, detached: true, ...server.runAs };
  const child = spawn(server.command, server.args, options);
  closeSync(log);
  child.unref();
  endWithOwner(child, server.owner, folder);
  const deadline = Date.now() + server.patienceMillis;
  while (!(await server.isReady())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      await killed(child);
      throw new Error(`${name} ${ended ? "ended" : "did not start in time"}: ${serverLog(folder)}`);
    }
    await pause(20);
  }
  return child;
}

/** What a server has written last. */
export function serverLog(folder: string): string {
  return readFileSync(join(folder, "server.log"), "utf8").slice(-2000);
}

/** Until Ctrl-C; then it is stopped. */
export function stopOnSignal(stop: () => Promise<void>): void {
  const alive = setInterval(() => undefined, 1 << 30);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      clearInterval(alive);
      void stop();
    });
  }
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
function endWithOwner({ pid }: ChildProcess, owner: number, dataDirectory: string): void {
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
