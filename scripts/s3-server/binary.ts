import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cached, filledOnce } from "../server-process.ts";

/** A small and strict S3 server: it checks signatures and bodies, and has conditional writes. */
const MODULE = "github.com/versity/versitygw/cmd/versitygw";
const VERSION = "v1.8.0";
const FOLDER = `versitygw-${VERSION}`;

/** Why no server can be started here; undefined: one can. */
export function whyNoServer(
  { mayBuild } = { mayBuild: process.env["MILLRACE_TEST_S3"] === "required" },
): string | undefined {
  if (process.platform === "win32") return "versitygw does not run on Windows";
  if (installed() !== undefined) return undefined;
  if (spawnSync("go", ["version"]).status !== 0)
    return "there is no 'versitygw' on the PATH, and no 'go' to build it with";
  // Some minutes of two cores are not spent without being asked for.
  if (mayBuild) return undefined;
  return "there is no 'versitygw' on the PATH; 'npm run test:servers' builds it";
}

/** The server's program; the first call on a machine may build it (some minutes). */
export function serverBinary(): string {
  const found = installed();
  if (found !== undefined) return found;
  const folder = filledOnce(FOLDER, (target) => {
    const env = { ...process.env, GOBIN: target, GOFLAGS: "-mod=mod" };
    const run = spawnSync("go", ["install", `${MODULE}@${VERSION}`], { encoding: "utf8", env, timeout: 900_000 });
    if (run.status !== 0) throw new Error(`versitygw could not be built: ${run.error?.message ?? run.stderr}`);
  });
  return join(folder, "versitygw");
}

function installed(): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "versitygw"));
  return [join(cached(FOLDER), "versitygw"), ...onPath].find((path) => existsSync(path));
}
