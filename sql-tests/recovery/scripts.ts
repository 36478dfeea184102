import { writeFileSync } from "node:fs";

/** Lines of events, out of order by up to eight seconds: id, key, value, name, time. */
export function writeEvents(path: string, rows: number): void {
  const origin = Date.UTC(2024, 0, 1);
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  let text = "";
  for (let id = 0; id < rows; id++) {
    const at = new Date(origin + id * 20 - next(8000)).toISOString();
    text += `${id},${next(40)},${next(50)},n${next(1000)},${at.slice(0, 10)} ${at.slice(11, 23)}\n`;
  }
  writeFileSync(path, text);
}

const EVENTS = `(id BIGINT, k INT, v BIGINT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)`;

/** Options of a job on which the kill tests go. */
export interface ScriptOptions {
  /** File of events. */
  readonly input: string;
  readonly checkpoints: string;
  readonly rowsPerSecond?: number | undefined;
}

function tables({ input, checkpoints, rowsPerSecond }: ScriptOptions, sinks: Readonly<Record<string, string>>): string {
  const pace = rowsPerSecond === undefined ? "" : `, 'scan.rows-per-second' = '${rowsPerSecond}'`;
  const targets = Object.entries(sinks).map(
    ([name, columns]) => `CREATE TABLE ${name} (${columns})
  WITH ('connector' = 'filesystem', 'path' = '\${tmp}/${name}', 'format' = 'csv', 'sink.rolling-policy.file-size' = '40kb');`,
  );
  return `SET 'pipeline.name' = 'job';
SET 'execution.checkpointing.dir' = '\${tmp}/checkpoints';
${checkpoints}
CREATE TABLE events ${EVENTS} WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'csv'${pace});
CREATE VIEW keyed AS SELECT k, v % 4 AS n, ts FROM events;
${targets.join("\n")}
`;
}

/** A windowed aggregate and a pass-through. */
export function twoSinks(options: ScriptOptions): string {
  return `${tables(options, { windows: "k INT, start TIMESTAMP(3), c BIGINT, s BIGINT, d BIGINT", copies: "id BIGINT, k INT, name STRING" })}
EXECUTE STATEMENT SET BEGIN
INSERT INTO windows SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT v)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;
INSERT INTO copies SELECT id, k, name FROM events WHERE v <> 13;
END;
`;
}

/** A partitioned table with markers, from a deduplicated stream. */
export function partitioned({ input, checkpoints }: ScriptOptions): string {
  return `SET 'pipeline.name' = 'job';
SET 'execution.checkpointing.dir' = '\${tmp}/checkpoints';
${checkpoints}
CREATE TABLE events ${EVENTS} WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'csv');
CREATE TABLE parts (id BIGINT, name STRING, k INT) PARTITIONED BY (k) WITH ('connector' = 'filesystem', 'path' = '\${tmp}/parts',
  'format' = 'json', 'sink.rolling-policy.file-size' = '4kb', 'sink.partition-commit.policy.kind' = 'success-file');
INSERT INTO parts SELECT id, name, k % 4 FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, v ORDER BY ts ASC) AS n FROM events) WHERE n = 1;
`;
}

/** Operators whose results are only appended, each into a table of its own. */
export const APPENDING: Readonly<Record<string, readonly [columns: string, query: string]>> = {
  hop: [
    "k INT, s TIMESTAMP(3), c BIGINT, m STRING",
    "SELECT k, window_start, COUNT(*), MAX(name) FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY k, window_start, window_end",
  ],
  cumulate: [
    "k INT, e TIMESTAMP(3), c BIGINT",
    "SELECT k, window_end, SUM(v) FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' SECOND)) GROUP BY k, window_start, window_end",
  ],
  sessions: [
    "k INT, s TIMESTAMP(3), e TIMESTAMP(3), c BIGINT, d BIGINT",
    "SELECT k, window_start, window_end, COUNT(*), COUNT(DISTINCT v) FROM TABLE(SESSION(TABLE events PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end",
  ],
  session_groups: [
    "k INT, n BIGINT, s TIMESTAMP(3), c BIGINT",
    "SELECT k, n, window_start, COUNT(*) FROM TABLE(SESSION(TABLE keyed PARTITION BY (k, n), DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY k, n, window_start, window_end",
  ],
  distinct_firsts: [
    "k INT, v BIGINT, id BIGINT",
    "SELECT k, v, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, v ORDER BY ts ASC) AS n FROM events) WHERE n = 1",
  ],
  best: [
    "k INT, id BIGINT, v BIGINT, n BIGINT",
    "SELECT k, id, v, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k ORDER BY v DESC, name) AS n FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND))) WHERE n <= 2",
  ],
  sorted: ["id BIGINT, ts TIMESTAMP(3)", "SELECT id, ts FROM events ORDER BY ts"],
  pairs: [
    "a BIGINT, b BIGINT",
    "SELECT l.id, r.id FROM (SELECT * FROM events WHERE v < 10) l JOIN (SELECT * FROM events WHERE v > 40) r ON l.k = r.k AND l.ts BETWEEN r.ts - INTERVAL '1' SECOND AND r.ts",
  ],
  joined: [
    "a BIGINT, b BIGINT",
    `SELECT l.id, r.id FROM (SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '2' SECOND)) WHERE v < 5) l
      JOIN (SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '2' SECOND)) WHERE v > 40) r
      ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end`,
  ],
  two_levels: [
    "e TIMESTAMP(3), most BIGINT, n BIGINT",
    "SELECT we, MAX(c), COUNT(*) FROM (SELECT window_start AS ws, window_end AS we, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY k, window_start, window_end) GROUP BY ws, we",
  ],
  both: [
    "id BIGINT, name STRING",
    "SELECT id, name FROM events WHERE v < 25 UNION ALL SELECT -id, name FROM events WHERE v >= 25",
  ],
};

/** All of `APPENDING` in one job. */
export function appending(options: ScriptOptions, names = Object.keys(APPENDING)): string {
  const entries = Object.entries(APPENDING).filter(([name]) => names.includes(name));
  const inserts = entries.map(([name, [, query]]) => `INSERT INTO ${name} ${query};`);
  return `${tables(options, Object.fromEntries(entries.map(([name, [columns]]) => [name, columns])))}EXECUTE STATEMENT SET BEGIN\n${inserts.join("\n")}\nEND;\n`;
}
