/**
 * A place where kill tests let the process die: does nothing unless the environment variable MILLRACE_FAULT names it.
 * `name` kills at the first pass, `name:n` at the n-th.
 */
export function faultPoint(name: string): void {
  const wanted = process.env["MILLRACE_FAULT"];
  if (wanted === undefined || !wanted.startsWith(name)) return;
  const rest = wanted.slice(name.length);
  if (rest !== "" && !rest.startsWith(":")) return;
  const pass = rest === "" ? 1 : Number(rest.slice(1));
  if (pass <= 1) process.kill(process.pid, "SIGKILL");
  else process.env["MILLRACE_FAULT"] = `${name}:${pass - 1}`;
}
