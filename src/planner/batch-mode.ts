/** `execution.runtime-mode` = batch: a query answers with the rows that are left when its input has ended. */
export function isBatch(options: ReadonlyMap<string, string>): boolean {
  return options.get("execution.runtime-mode")?.toLowerCase() === "batch";
}
