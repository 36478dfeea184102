// Kills `millrace run` again and again and compares its files with those of a run that was left alone: byte for byte.
//   node scripts/kill-test.mjs [--rows 2000000] [--kills 30] [--seed N] [--rows-per-second N] [--keep]
// Rounds are run until there were enough kills; each ends with a process that finishes. Needs a build (`npm run build`);
// the environment variable MILLRACE_CLI names another executable script.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const CLI = process.env.MILLRACE_CLI ?? fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const TABLES = ["windows", "copies"];
/** Kills that a round should see on average. */
const KILLS_PER_ROUND = 8;

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "2000000" },
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "rows-per-second": { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const [rows, wantedKills, seed] = [Number(values.rows), Number(values.kills), Number(values.seed)];
const random = seededRandom(seed);
const directory = mkdtempSync(join(tmpdir(), "millrace-kill-"));
let failed = false;
/** One run of the job under a name of its own, through several processes. */
class Round {
  constructor(name, input) {
    this.name = name;
    this.directory = join(directory, name);
    mkdirSync(this.directory);
    this.script = join(this.directory, "job.sql");
    writeFileSync(this.script, sql(this.directory, input));
  }

  /** One process, killed after `delayMillis` (never: undefined). */
  async attempt(delayMillis) {
    const process = start(["run", this.script, "--from", "latest"]);
    const timer = delayMillis === undefined ? undefined : setTimeout(() => process.child.kill("SIGKILL"), delayMillis);
    const ended = await process.exit;
    clearTimeout(timer);
    return ended;
  }

  /** What readers of a table see: its finished files in the order in which they were begun. */
  read(table) {
    const folder = join(this.directory, table);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const visible = names.filter((name) => !name.startsWith(".")).sort((a, b) => compareParts(a, b));
    const bytes = Buffer.concat(visible.map((name) => readFileSync(join(folder, name))));
    return { files: visible.length, visible, bytes, hidden: names.filter((name) => name.startsWith(".")) };
  }
}

function check(round, expected, finished) {
  for (const [table, { bytes: wanted }] of expected) {
    const { bytes, visible, hidden } = round.read(table);
    const strange = visible.filter((name) => !/^part-[0-9a-f]{12}(-\d+){4}$/.test(name));
    if (strange.length > 0) fail(round, `${table}: visible are ${strange.join(", ")}`);
    if (!wanted.subarray(0, bytes.length).equals(bytes))
      fail(round, `${table}: what is visible is not how the expected rows begin`);
    if (!finished) continue;
    if (bytes.length !== wanted.length) fail(round, `${table}: ${bytes.length} bytes instead of ${wanted.length}`);
    if (hidden.length > 0) fail(round, `${table}: left over are ${hidden.join(", ")}`);
  }
}

function fail(round, message) {
  failed = true;
  console.log(`FAILED ${round.name}: ${message}`);
}

/** `part-<uid>-<attempt>-<checkpoint>-<subtask>-<number>` */
function compareParts(a, b) {
  const [x, y] = [a, b].map((name) => name.split("-").slice(2).map(Number));
  return x.map((value, i) => value - y[i]).find((difference) => difference !== 0) ?? 0;
}

function start(args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const exit = once(child, "close").then(([code, signal]) => ({
    code,
    signal,
    stderr,
    millis: performance.now() - startedAt,
  }));
  return { child, exit };
}

function sql(folder, input) {
  const pace =
    values["rows-per-second"] === undefined ? "" : `, 'scan.rows-per-second' = '${values["rows-per-second"]}'`;
  const sink = (table) =>
    `'connector' = 'filesystem', 'path' = '${join(folder, table)}', 'format' = 'csv', 'sink.rolling-policy.file-size' = '1MB'`;
  return `
SET 'execution.checkpointing.interval' = '100 ms';
SET 'execution.checkpointing.dir' = '${join(folder, "checkpoints")}';
CREATE TABLE events (id BIGINT, k INT, v BIGINT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'csv'${pace});
CREATE TABLE windows (k INT, start TIMESTAMP(3), c BIGINT, s BIGINT, m STRING, d BIGINT) WITH (${sink("windows")});
CREATE TABLE copies (id BIGINT, k INT, name STRING) WITH (${sink("copies")});
EXECUTE STATEMENT SET BEGIN
INSERT INTO windows SELECT k, window_start, COUNT(*), SUM(v), MAX(name), COUNT(DISTINCT v)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;
INSERT INTO copies SELECT id, k, name FROM events WHERE v <> 13;
END;
`;
}

/** Times rise by 10 ms a row and are out of order by up to eight seconds: some rows are late. */
async function writeInput(path) {
  const file = createWriteStream(path);
  const origin = Date.UTC(2024, 0, 1);
  let text = "";
  for (let id = 0; id < rows; id++) {
    const at = new Date(origin + id * 10 - Math.floor(random() * 8000)).toISOString();
    const k = Math.floor(random() * 300);
    text += `${id},${k},${Math.floor(random() * 50)},n${(id * 7919) % 100_003},${at.slice(0, 10)} ${at.slice(11, 23)}\n`;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end(text);
  await once(file, "close");
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** mulberry32 */
function seededRandom(start) {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

try {
  console.log(`seed ${seed}, ${rows} rows, ${wantedKills} kills, in ${directory}`);
  const input = join(directory, "events.csv");
  await writeInput(input);
  const started = performance.now();
  await start(["run", "-e", "SELECT 1"]).exit;
  const startMillis = performance.now() - started;
  const undisturbed = new Round("undisturbed", input);
  const calm = await undisturbed.attempt(undefined);
  if (calm.code !== 0) throw new Error(`the undisturbed run failed: ${calm.stderr}`);
  const expected = new Map(TABLES.map((table) => [table, undisturbed.read(table)]));
  const workMillis = Math.max(100, calm.millis - startMillis);
  console.log(`start-up ${Math.round(startMillis)} ms, the whole run ${Math.round(calm.millis)} ms`);
  for (const [table, { files, bytes }] of expected)
    console.log(`  ${table}: ${files} files, ${bytes.length} bytes, ${digest(bytes)}`);
  const longest = startMillis + (2 * workMillis) / KILLS_PER_ROUND;
  let kills = 0;
  for (let number = 1; kills < wantedKills && !failed; number++) {
    const round = new Round(`round-${number}`, input);
    const moments = [];
    for (;;) {
      const delay = kills < wantedKills ? Math.round(random() * longest) : undefined;
      const ended = await round.attempt(delay);
      check(round, expected, ended.code === 0);
      if (ended.code === 0) break;
      if (ended.signal !== "SIGKILL") {
        fail(round, `exit status ${ended.code}: ${ended.stderr}`);
        break;
      }
      kills += 1;
      moments.push(delay);
    }
    console.log(
      `${round.name}: killed ${moments.length} times (after ${moments.join(", ")} ms)${failed ? "" : ", equal"}`,
    );
  }
  if (!failed) console.log(`${kills} kills, everything equal`);
} finally {
  if (!failed && !values.keep) rmSync(directory, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
