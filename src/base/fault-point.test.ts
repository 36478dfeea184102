import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const module = fileURLToPath(new URL("./fault-point.ts", import.meta.url));

test.each([
  ["commit.between", 1],
  ["commit.between:3", 3],
  ["commit", undefined],
  ["commit.between.x", undefined],
  ["other", undefined],
])("MILLRACE_FAULT=%s dies at pass %s", (fault, diesAt) => {
  const code = `import { faultPoint } from ${JSON.stringify(module)};
for (let pass = 1; pass <= 4; pass++) { process.stdout.write(String(pass)); faultPoint("commit.between"); }`;
  const done = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    env: { ...process.env, MILLRACE_FAULT: fault },
  });
  expect(done.signal).toBe(diesAt === undefined ? null : "SIGKILL");
  if (diesAt === undefined) expect(done.stdout.toString()).toBe("1234");
});
