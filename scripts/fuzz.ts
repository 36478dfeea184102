// Changed statements through parser and planner: node_modules/.bin/tsx scripts/fuzz.ts [--seconds 3600] [--from 1] [--seed N]
//   Prints each kind of failure once, with the seed that repeats it; exit status 1 when there was one.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PlanFuzz } from "../sql-tests/fuzz/plan-fuzz.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3600" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});
const fuzz = new PlanFuzz(join(import.meta.dirname, "../sql-tests"));
const end = performance.now() + Number(values.seconds) * 1000;
const kinds = new Set<string>();
let seed = Number(values.seed ?? values.from);
let runs = 0;
do {
  const failure = await fuzz.run(seed);
  runs += 1;
  if (failure !== undefined) {
    // The place where it broke tells one kind from another.
    const kind = failure.problem.split("\n").slice(0, 2).join("\n");
    if (!kinds.has(kind)) {
      kinds.add(kind);
      console.log(`seed ${failure.seed}, ${failure.file}\n${failure.text}\n${failure.problem}\n`);
    }
  }
  seed += 1;
} while (values.seed === undefined && performance.now() < end);
console.log(`${runs} statements, ${fuzz.planned} of them planned, ${kinds.size} kinds of failures`);
process.exitCode = kinds.size === 0 ? 0 : 1;
