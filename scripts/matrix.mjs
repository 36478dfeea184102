// Everything that CI only samples, one step after another:
//   npm run matrix [-- --only PATTERN --jobs N --any-commit]
// Resumable: a step that passed on this commit (on any, with --any-commit) is not run again. What has passed, where and with
// what result, stands in .cache/matrix.json.
import { execSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    jobs: { type: "string", default: "1" },
    "any-commit": { type: "boolean", default: false },
  },
});

/** Folders of a corpus that have cases, with these. */
function folders(corpus) {
  if (!existsSync(corpus)) return [];
  return readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      cases: readdirSync(join(corpus, name))
        .filter((file) => file.endsWith(".sql"))
        .toSorted(),
    }))
    .filter(({ cases }) => cases.length > 0);
}

/** The golden cases of a folder in steps of a few minutes: what a run that is broken off has to do again. */
function goldenSteps({ name, cases }) {
  const PER_STEP = 10;
  return Array.from({ length: Math.ceil(cases.length / PER_STEP) }, (_, index) => {
    const from = index * PER_STEP;
    const files = cases.slice(from, from + PER_STEP).map((file) => `sql-tests/${name}/${file}`);
    const which = `${name} ${from + 1}-${from + files.length}`;
    return [`golden ${which} in every mode`, ["node", "dist/cli.js", "test", ...files, "--chaos"]];
  });
}

const corpus = join(root, "../shared/conformance");
const all = { MATRIX: "all" };
const vitest = (...files) => ["npx", "vitest", "run", ...files];

/** @type {[name: string, command: string[], env?: Record<string, string>][]} */
const steps = [
  ...folders(join(root, "sql-tests")).flatMap(goldenSteps),
  ...folders(corpus).map(({ name }) => [
    `conformance ${name} in every mode`,
    ["node", "scripts/conformance-chaos.mjs", join(corpus, name)],
  ]),
  ["kill matrix", vitest("sql-tests/recovery/kill-matrix.test.ts"), all],
  ["kill matrix on HDFS", vitest("sql-tests/recovery/hdfs.test.ts"), all],
  ["kill matrix on databases", vitest("sql-tests/recovery/jdbc.test.ts"), all],
  ["kill matrix on S3", vitest("sql-tests/recovery/s3.test.ts"), all],
  ["kill matrix of tables in S3", vitest("sql-tests/recovery/s3-tables.test.ts"), all],
  [
    "kills in one process and in threads",
    vitest("sql-tests/recovery/recovery.test.ts", "sql-tests/recovery/threads.test.ts"),
    all,
  ],
  ["kills of the state log", vitest("sql-tests/recovery/state-log.test.ts"), all],
  ["damaged files", vitest("sql-tests/recovery/damage.test.ts"), all],
  ["exactly once on Kafka", vitest("sql-tests/kafka/exactly-once.test.ts"), all],
  ["10,000 seeds of simulated faults", ["npx", "tsx", "scripts/simulate.ts", "--seeds", "10000"]],
  ["golden cases on Node 22 and 24", ["node", "scripts/test-nodes.mjs"]],
  ["30 kills over two million rows", ["node", "scripts/kill-test.mjs", "--rows", "2000000", "--kills", "30"]],
  [
    "differential tests, many cases",
    ["npx", "vitest", "run", "src/expressions", "src/functions"],
    { RUNS: "4000", CALLS: "60" },
  ],
];

const stateFile = join(root, ".cache/matrix.json");
const commit = execSync("git rev-parse HEAD", { cwd: root, encoding: "utf8" }).trim();
/** @type {Record<string, { commit: string; result: string; seconds: number }>} */
const passed = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, "utf8")) : {};
const hasPassed = (name) => passed[name] !== undefined && (values["any-commit"] || passed[name].commit === commit);

/** Runs a step; resolves to whether it passed. */
async function run(name, [command, ...args], env) {
  const started = Date.now();
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const status = await new Promise((resolve) => child.on("close", resolve).on("error", () => resolve(-1)));
  const lines = stdout.trim().split("\n");
  const seconds = Math.round((Date.now() - started) / 1000);
  const counts = lines.findLast((line) => /\d+ (passed|seeds)/.test(line)) ?? lines.at(-1);
  console.log(`${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s · ${counts.trim()}`);
  if (status !== 0) {
    console.log(lines.slice(-60).join("\n"), stderr.slice(-4000));
    return false;
  }
  passed[name] = { commit, result: counts.trim(), seconds };
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(stateFile, JSON.stringify(passed, undefined, 1));
  return true;
}

const wanted = steps.filter(([name]) => values.only === undefined || new RegExp(values.only).test(name));
const queue = wanted.filter(([name]) => !hasPassed(name));
if (queue.length < wanted.length) console.log(`${wanted.length - queue.length} passed before`);
let failed = 0;
async function worker() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) if (!(await run(...step))) failed += 1;
}
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
