/** Where in a running job something went wrong; filled in on the way up, the innermost part wins. */
export interface ErrorContext {
  readonly operatorId?: string | undefined;
  /** The operator in the words of EXPLAIN. */
  readonly operator?: string | undefined;
  /** Which of the operator's parallel parts; a thread runs one of each. */
  readonly subtask?: number | undefined;
  /** Operator id of the source whose batch was being processed, and the source in the words of EXPLAIN. */
  readonly sourceId?: string | undefined;
  readonly source?: string | undefined;
  /** Rows that the source had read, the batch in hand included. */
  readonly sourceRows?: number | undefined;
  /** Where the source stood behind that batch. */
  readonly position?: string | undefined;
}

/** Beside the error, whatever kind it is, so that its message stays what the user is told and nothing is copied on the way. */
const CONTEXTS = new WeakMap<object, ErrorContext>();

/** Adds what is not known of the error yet, and gives the error back to be thrown on. */
export function locate<E>(error: E, context: ErrorContext): E {
  if (typeof error === "object" && error !== null) CONTEXTS.set(error, { ...context, ...CONTEXTS.get(error) });
  return error;
}

/** What is known about the place of an error. */
export function contextOf(error: unknown): ErrorContext | undefined {
  return typeof error === "object" && error !== null ? CONTEXTS.get(error) : undefined;
}

/** Lines for people: the operator, then the input. */
export function contextLines(context: ErrorContext): string[] {
  const lines: string[] = [];
  const operator = context.operator ?? context.operatorId;
  if (operator !== undefined) {
    const id = context.operator === undefined || context.operatorId === undefined ? "" : ` ${context.operatorId}`;
    lines.push(`in operator${id}, subtask ${context.subtask ?? 0}: ${operator}`);
  }
  const source = context.source ?? context.sourceId;
  if (source !== undefined) {
    const rows = context.sourceRows === undefined ? "" : `, in the batch that ends with row ${context.sourceRows}`;
    const position = context.position === undefined ? "" : `, read up to ${context.position}`;
    lines.push(`at input ${source}${rows}${position}`);
  }
  return lines;
}
