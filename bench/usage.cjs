// Loaded before the CLI with --require (with --import Node would load more): writes the CPU seconds and peak memory of the
// whole process, and the CPU seconds of its main thread where Linux says them, to $BENCH_USAGE at its end.
const { readFileSync, writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env["BENCH_USAGE"],
    JSON.stringify({
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      mainCpuSeconds: mainThreadSeconds(),
      rssMegabytes: maxRSS / 1024,
    }),
  );
});

function mainThreadSeconds() {
  try {
    const fields = readFileSync(`/proc/self/task/${process.pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
