// Writes a small savepoint of every operator with state, in the present format, where there is none yet: `npm run fixtures`.
// Those that are there are never written again: what a version wrote must be read by the next.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqlError } from "../src/base/errors.ts";
import { openCheckpoint } from "../src/checkpoint/checkpoint-directory.ts";
import { copyCheckpoint } from "../src/checkpoint/filesystem-storage.ts";
import { SNAPSHOT_FORMAT } from "../src/state/snapshot-manifest.ts";
import { FIXTURE_CASES } from "../sql-tests/fixtures/cases.ts";
import { FIXTURE, runFixture } from "../sql-tests/fixtures/support.ts";

/** Runs the script, makes a savepoint of its first checkpoint, and checks that a restore goes on as the first run did. */
async function generate(name: string, script: string, folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "millrace-fixture-"));
  try {
    const straight = await runFixture(script, work);
    const [run] = readdirSync(join(work, "fixture"));
    const reader = await openCheckpoint(join(work, "fixture", run!, "chk-1"));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, FIXTURE.script), script);
    const savepoint = await copyCheckpoint(reader, join(folder, FIXTURE.savepoint));
    const restored = await runFixture(script, join(work, "restored"), savepoint);
    const { rows } = restored;
    if (rows.length === 0 || straight.rows.slice(-rows.length).join("\n") !== rows.join("\n"))
      throw new SqlError("BUG", `${name}: a restored run does not go on as the first one did`);
    writeFileSync(join(folder, FIXTURE.expected), `${rows.join("\n")}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const target = join(import.meta.dirname, "..", "sql-tests", "fixtures", `format-${SNAPSHOT_FORMAT}`);
for (const [name, script] of Object.entries(FIXTURE_CASES))
  if (!existsSync(join(target, name))) await generate(name, script, join(target, name));
