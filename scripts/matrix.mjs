// npm run matrix: everything that CI only samples, one step after another. Resumable: steps that passed on this commit are skipped.
import { execSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stateFile = `${root}/.cache/matrix.json`;
const commit = execSync("git rev-parse HEAD", { cwd: root, encoding: "utf8" }).trim();
const state = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, "utf8")) : {};
const done = state.commit === commit ? state.done : [];

/** @type {[name: string, command: string[], env?: Record<string, string>][]} */
const steps = [
  ["golden cases in every mode", ["node", "dist/cli.js", "test", "sql-tests", "--chaos"]],
  ["conformance cases in every mode", ["node", "scripts/conformance-chaos.mjs"]],
  ["kill matrix", ["npx", "vitest", "run", "sql-tests/recovery/kill-matrix.test.ts"], { MATRIX: "all" }],
  ["exactly once on Kafka", ["npx", "vitest", "run", "sql-tests/kafka/exactly-once.test.ts"], { MATRIX: "all" }],
  ["10,000 seeds of simulated faults", ["npx", "tsx", "scripts/simulate.ts", "--seeds", "10000"]],
  ["golden cases on Node 22 and 24", ["node", "scripts/test-nodes.mjs"]],
  ["30 kills over two million rows", ["node", "scripts/kill-test.mjs", "--rows", "2000000", "--kills", "30"]],
  [
    "differential tests, many cases",
    ["npx", "vitest", "run", "src/expressions", "src/functions"],
    { RUNS: "4000", CALLS: "60" },
  ],
];

let failed = 0;
for (const [name, [command, ...args], env] of steps) {
  if (done.includes(name)) {
    console.log(`${name}: passed before`);
    continue;
  }
  const started = Date.now();
  const run = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  const lines = run.stdout.trim().split("\n");
  console.log(
    `${name}: ${run.status === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - started) / 1000)} s · ${lines.at(-1)}`,
  );
  if (run.status === 0) done.push(name);
  else {
    failed += 1;
    console.log(lines.slice(-60).join("\n"), run.stderr.slice(-4000));
  }
  mkdirSync(`${root}/.cache`, { recursive: true });
  writeFileSync(stateFile, JSON.stringify({ commit, done }));
}
console.log(`${steps.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
