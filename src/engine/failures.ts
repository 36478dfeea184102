import { contextOf, locate, type ErrorContext } from "../base/error-context.ts";
import { SqlError, messageOf } from "../base/errors.ts";
import type { JobGraph } from "../runtime/spec.ts";

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
  return locate(converted(error), contextOf(error) ?? {});
}

function converted(error: unknown): SqlError {
  if (error instanceof RangeError && /allocation|Invalid (typed )?array length|string length/i.test(error.message)) {
    return new SqlError("OUT_OF_MEMORY", `out of memory: ${error.message}`, { cause: error });
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === "string")
    return new SqlError("IO", error.message, { cause: error, retryable: true });
  return new SqlError("BUG", messageOf(error), { cause: error });
}

/** The failure of a job, with the operators of its place in the words of EXPLAIN. */
export function failureOf(error: unknown, graph: JobGraph): SqlError {
  const failure = asSqlError(error);
  const context = contextOf(failure);
  if (context === undefined) return failure;
  const describe = (id: string | undefined): string | undefined => graph.nodes.find((n) => n.id === id)?.description;
  return locate(failure, {
    ...definedParts({ operator: describe(context.operatorId), source: describe(context.sourceId) }),
  });
}

function definedParts(context: ErrorContext): ErrorContext {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
}

/** A savepoint was asked for when the job was ending by itself. */
export function endedBefore(job: string): SqlError {
  return new SqlError("CHECKPOINT_FAILED", `the job '${job}' had ended before a savepoint could be taken`);
}
