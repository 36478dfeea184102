import { SqlError } from "../base/errors.ts";

/** After a failure: what closing adds to it is of no use. */
export async function closeQuietly(job: { close(aborted: boolean): Promise<void> }): Promise<void> {
  try {
    await job.close(true);
  } catch {
    // The failure that brought us here is the one to report.
  }
}

/** Any error as a SqlError: node's file errors are of the outside world, everything else is a bug of ours. */
export function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  if (error instanceof RangeError && /allocation|Invalid (typed )?array length|string length/i.test(error.message)) {
    return new SqlError("OUT_OF_MEMORY", `out of memory: ${error.message}`, { cause: error });
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === "string")
    return new SqlError("IO", error.message, { cause: error, retryable: true });
  return new SqlError("BUG", error instanceof Error ? error.message : String(error), { cause: error });
}
