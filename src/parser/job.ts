import type { CheckpointJob, DescribeJob, ExplainJob, JobReference, StopJob } from "./ast/statement.ts";
import type { Cursor } from "./cursor.ts";

/** Does `DESCRIBE JOB 'id'` or `EXPLAIN JOB 'id'` stand here, and not a description of a table called `job`? */
export function isJobNamed(c: Cursor): boolean {
  const { kind } = c.ahead(2);
  return c.isWordAhead(1, "JOB") && (kind === "string" || kind === "unicode" || c.isIdentifierAhead(2));
}

/** `DESCRIBE JOB 'id'` */
export function parseDescribeJob(c: Cursor): DescribeJob {
  const { start } = c;
  c.expectOne(["DESCRIBE", "DESC"]);
  c.expect("JOB");
  const job = parseJob(c);
  return { kind: "DescribeJob", span: c.span(start), job };
}

/** `EXPLAIN JOB 'id'` */
export function parseExplainJob(c: Cursor): ExplainJob {
  const { start } = c;
  c.expect("EXPLAIN");
  c.expect("JOB");
  const job = parseJob(c);
  return { kind: "ExplainJob", span: c.span(start), job };
}

/** `STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN]`; DRAIN goes only with a savepoint, as in Flink. `WITH SAVEPOINT DRAIN` says the same. */
export function parseStopJob(c: Cursor): StopJob {
  const { start } = c;
  c.expect("STOP");
  c.expect("JOB");
  const job = parseJob(c);
  let savepoint = false;
  let drain = false;
  const withStart = c.start;
  if (c.accept("WITH")) {
    if (c.accept("SAVEPOINT")) {
      savepoint = true;
      if (c.accept("DRAIN")) drain = true;
      else if (c.accept("WITH")) {
        c.expect("DRAIN");
        drain = true;
      }
    } else if (c.accept("DRAIN")) {
      throw c.error("SYNTAX", "WITH DRAIN could only be used after WITH SAVEPOINT.", c.span(withStart));
    } else throw c.failExpected();
  }
  return { kind: "StopJob", span: c.span(start), job, savepoint, drain };
}

/** `CHECKPOINT JOB 'id'` */
export function parseCheckpointJob(c: Cursor): CheckpointJob {
  const { start } = c;
  c.expect("CHECKPOINT");
  c.expect("JOB");
  const job = parseJob(c);
  return { kind: "CheckpointJob", span: c.span(start), job };
}

/** A job's id or name: in single quotes as Flink writes it, or a plain name. */
function parseJob(c: Cursor): JobReference {
  const { start } = c;
  const text = c.isString() ? c.string() : c.identifier("a job's id or name").name;
  return { kind: "JobReference", span: c.span(start), text };
}
