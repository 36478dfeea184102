import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { Connector, ConnectorContext, Polled, ScanRequest, Source, Split, SplitReader } from "../api.ts";
import { interleavedSplits, nextRowOf, rowPosition, splitPart } from "../row-splits.ts";
import { SplittableRandom } from "../splittable-random.ts";
import { validateDeclared } from "../validate.ts";
import { generatorOf, type Generator } from "./generators.ts";
import { DATAGEN_OPTIONS, FieldOptions, rowLimits } from "./options.ts";

/** Made-up rows: each value is a function of its row number, so that a restore goes on with the same values. */
export const datagen: Connector = {
  name: "datagen",
  options: DATAGEN_OPTIONS,
  metadata: [],
  sinkMode: "none",
  validate(request, context) {
    validateDeclared(datagen, request, context);
    rowLimits(request.options, request.physical);
    const facts = { timeZone: request.timeZone, nowMillis: () => context.nowMillis() };
    for (const { name, type } of request.physical) generatorOf(type, new FieldOptions(name, request.options), facts);
  },
  isBounded: (request) => rowLimits(request.options, request.physical).rows !== Number.POSITIVE_INFINITY,
  source: (request, context) => new DatagenSource(request, context),
};

class DatagenSource implements Source {
  readonly bounded: boolean;
  private readonly request: ScanRequest;
  private readonly context: ConnectorContext;

  constructor(request: ScanRequest, context: ConnectorContext) {
    this.request = request;
    this.context = context;
    this.bounded = rowLimits(request.options, request.physical).rows !== Number.POSITIVE_INFINITY;
  }

  async discoverSplits(known: ReadonlySet<string>): Promise<readonly Split[]> {
    return interleavedSplits("rows", this.request.options, this.context.parallelism, known);
  }

  openSplit(split: Split, position: Json | undefined): SplitReader {
    const { part, parts } = splitPart(split);
    return new DatagenReader(this.request, this.context, nextRowOf(position) ?? part, parts);
  }
}

/** A column to make: the generator of its top-level column, and where in that value it lies. */
interface Made {
  readonly type: DataType;
  readonly generator: Generator;
  readonly inner: readonly number[];
  /** Number of the top-level column: part of the seed. */
  readonly seed: number;
}

/** More columns than a table has; keeps the seeds of rows apart. */
const SEEDS_PER_ROW = 4096;

class DatagenReader implements SplitReader {
  private readonly context: ConnectorContext;
  private readonly columns: readonly Made[];
  private readonly rows: number;
  private readonly rowsPerMilli: number;
  private readonly step: number;
  private readonly random = new SplittableRandom();
  private readonly startMillis: number;
  private next: number;

  constructor(request: ScanRequest, context: ConnectorContext, next: number, step: number) {
    const { perSecond, rows } = rowLimits(request.options, request.physical);
    this.context = context;
    this.columns = madeColumns(request, context);
    this.rows = rows;
    this.rowsPerMilli = perSecond / 1000;
    this.next = next;
    this.step = step;
    this.startMillis = context.nowMillis() - next / this.rowsPerMilli;
  }

  poll(maxRows: number): Polled {
    if (this.next >= this.rows) return "end";
    const due = (this.context.nowMillis() - this.startMillis) * this.rowsPerMilli;
    const rowCount = Math.min(
      maxRows,
      BATCH_ROWS,
      Math.ceil((this.rows - this.next) / this.step),
      Math.floor((due - this.next) / this.step) + 1,
    );
    if (rowCount <= 0) return "idle";
    const columns = this.columns.map((made) => {
      const builder = createColumnBuilder(made.type, rowCount);
      for (let i = 0, row = this.next; i < rowCount; i++, row += this.step) {
        this.random.seed(row * SEEDS_PER_ROW + made.seed);
        builder.append(pick(made.generator(row, this.random), made.inner));
      }
      return builder.finish();
    });
    this.next += rowCount * this.step;
    return { rowCount, columns, kinds: undefined, steps: undefined };
  }

  position(): Json {
    return rowPosition(this.next);
  }

  close(): void {}
}

function pick(value: Value, inner: readonly number[]): Value {
  let found = value;
  for (const index of inner) {
    if (found === null) return null;
    found = (found as readonly Value[])[index] ?? null;
  }
  return found;
}

function madeColumns(request: ScanRequest, context: ConnectorContext): Made[] {
  const facts = { timeZone: request.timeZone, nowMillis: () => context.nowMillis() };
  return request.columns.map((column) => {
    if (column.kind === "metadata")
      throw new SqlError("COLUMN_NOT_FOUND", `connector 'datagen' has no metadata key '${column.key}'`);
    const seed = request.physical.findIndex(({ name }) => name === column.path[0]);
    const field = request.physical[seed];
    if (field === undefined) throw new SqlError("BUG", `no column '${column.path.join(".")}' in ${request.table}`);
    const inner: number[] = [];
    let type = field.type;
    for (const name of column.path.slice(1)) {
      const fields = type.kind === "ROW" ? type.fields : [];
      const index = fields.findIndex((one) => one.name === name);
      inner.push(index);
      type = fields[index]?.type ?? column.type;
    }
    return {
      type: column.type,
      generator: generatorOf(field.type, new FieldOptions(field.name, request.options), facts),
      inner,
      seed,
    };
  });
}
