import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../src/testing/golden-run.ts";

/** A script on which faults are tried: its tables below `/sim/out`, its checkpoints in `/sim/checkpoints`. */
export interface Scenario {
  readonly name: string;
  readonly script: string;
  /** Tables that it writes. */
  readonly tables: readonly string[];
  /** Its checkpoints have a replica. */
  readonly inTwoPlaces?: true | undefined;
}

/** Writes events out of order into three files of a folder: id, key, value, time. */
export function writeInput(folder: string, rows = 120): void {
  const random = seededRandom(11);
  const origin = Date.UTC(2024, 0, 1);
  const files = ["", "", ""];
  for (let id = 0; id < rows; id++) {
    const at = new Date(origin + id * 400 - Math.floor(random() * 3000)).toISOString();
    const line = `${id},${Math.floor(random() * 5)},${Math.floor(random() * 50)},${at.slice(0, 10)} ${at.slice(11, 23)}\n`;
    const file = Math.floor((id * files.length) / rows);
    files[file] += line;
  }
  files.forEach((text, i) => writeFileSync(join(folder, `events-${i}.csv`), text));
}

const EVENTS = (input: string): string =>
  `CREATE TABLE events (id BIGINT, k INT, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'csv');
`;

/** A table of files that are rolled after a few rows. */
function sink(name: string, columns: string, partitionedBy = "", options = ""): string {
  return `CREATE TABLE ${name} (${columns}) ${partitionedBy}
  WITH ('connector' = 'filesystem', 'path' = '/sim/out/${name}', 'format' = 'csv', 'sink.rolling-policy.file-size' = '150b'${options});
`;
}

/** The scenarios over the events of a folder. */
export function scenarios(input: string): readonly Scenario[] {
  return [
    {
      name: "windows",
      tables: ["windows", "copies"],
      script: `${EVENTS(input)}${sink("windows", "k INT, s TIMESTAMP(3), c BIGINT, m BIGINT, d BIGINT")}${sink("copies", "id BIGINT, k INT")}
EXECUTE STATEMENT SET BEGIN
INSERT INTO windows SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT v)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY k, window_start, window_end;
INSERT INTO copies SELECT id, k FROM events WHERE v <> 13;
END;`,
    },
    {
      name: "checkpoints in two places",
      inTwoPlaces: true,
      tables: ["totals"],
      script: `SET 'execution.checkpointing.replicas' = '/sim/replica'; SET 'execution.checkpointing.timeout' = '1 s';
${EVENTS(input)}${sink("totals", "k INT, s TIMESTAMP(3), c BIGINT")}
INSERT INTO totals SELECT k, window_start, COUNT(*)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY k, window_start, window_end;`,
    },
    {
      name: "partitions",
      tables: ["parts"],
      script: `${EVENTS(input)}${sink("parts", "id BIGINT, v BIGINT, k INT", "PARTITIONED BY (k)", ", 'sink.partition-commit.policy.kind' = 'success-file'")}
INSERT INTO parts SELECT id, v, k FROM events;`,
    },
    {
      name: "joins",
      tables: ["pairs", "firsts"],
      script: `${EVENTS(input)}${sink("pairs", "a BIGINT, b BIGINT")}${sink("firsts", "k INT, v BIGINT, id BIGINT")}
EXECUTE STATEMENT SET BEGIN
INSERT INTO pairs SELECT l.id, r.id FROM (SELECT * FROM events WHERE v < 20) l JOIN (SELECT * FROM events WHERE v > 30) r
  ON l.k = r.k AND l.ts BETWEEN r.ts - INTERVAL '2' SECOND AND r.ts;
INSERT INTO firsts SELECT k, v, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, v ORDER BY ts ASC) AS n FROM events) WHERE n = 1;
END;`,
    },
  ];
}
