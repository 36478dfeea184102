// Loaded before the CLI with --import: writes the CPU seconds and peak memory of the whole process to $BENCH_USAGE at its end.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env["BENCH_USAGE"],
    JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, rssMegabytes: maxRSS / 1024 }),
  );
});
