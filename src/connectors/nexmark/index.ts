import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import type { Connector, ConnectorContext, Polled, ScanRequest, Source, Split, SplitReader } from "../api.ts";
import { interleavedSplits, nextRowOf, rowPosition, splitPart } from "../row-splits.ts";
import { validateDeclared } from "../validate.ts";
import { NEXMARK_OPTIONS, nexmarkConfig, type NexmarkConfig } from "./config.ts";
import { checkEventColumns, EventColumns, wantedFields } from "./event-columns.ts";
import { NexmarkGenerator } from "./generator.ts";

/** The event stream of the Nexmark benchmark, made in the process. */
export const nexmark: Connector = {
  name: "nexmark",
  options: NEXMARK_OPTIONS,
  metadata: [],
  sinkMode: "none",
  validate(request, context) {
    validateDeclared(nexmark, request, context);
    nexmarkConfig(request.options);
    checkEventColumns(request.physical);
  },
  isBounded: (request) => nexmarkConfig(request.options).events !== Number.POSITIVE_INFINITY,
  source: (request, context) => new NexmarkSource(request, context),
};

class NexmarkSource implements Source {
  readonly bounded: boolean;
  private readonly request: ScanRequest;
  private readonly context: ConnectorContext;
  private readonly config: NexmarkConfig;

  constructor(request: ScanRequest, context: ConnectorContext) {
    this.request = request;
    this.context = context;
    this.config = nexmarkConfig(request.options);
    this.bounded = this.config.events !== Number.POSITIVE_INFINITY;
  }

  async discoverSplits(known: ReadonlySet<string>): Promise<readonly Split[]> {
    return interleavedSplits("events", this.request.options, this.context.parallelism, known);
  }

  openSplit(split: Split, position: Json | undefined): SplitReader {
    const { part, parts } = splitPart(split);
    return new NexmarkReader(this.request, this.context, this.config, nextRowOf(position) ?? part, parts);
  }
}

class NexmarkReader implements SplitReader {
  private readonly request: ScanRequest;
  private readonly context: ConnectorContext;
  private readonly config: NexmarkConfig;
  private readonly generator: NexmarkGenerator;
  private readonly wanted: ReturnType<typeof wantedFields>;
  private readonly step: number;
  private readonly startMillis: number;
  private next: number;
  private made: EventColumns;

  constructor(request: ScanRequest, context: ConnectorContext, config: NexmarkConfig, next: number, step: number) {
    this.request = request;
    this.context = context;
    this.config = config;
    this.generator = new NexmarkGenerator(config);
    this.wanted = wantedFields(request.columns);
    this.made = new EventColumns(this.wanted, 0);
    this.step = step;
    this.next = next;
    this.startMillis = context.nowMillis() - (next * config.delayMicros) / 1000;
  }

  poll(maxRows: number): Polled {
    const { events, paced } = this.config;
    if (this.next >= events) return "end";
    let rowCount = Math.min(maxRows, BATCH_ROWS, Math.ceil((events - this.next) / this.step));
    if (paced) {
      const due = ((this.context.nowMillis() - this.startMillis) * 1000) / this.config.delayMicros;
      rowCount = Math.min(rowCount, Math.floor((due - this.next) / this.step) + 1);
      if (rowCount <= 0) return "idle";
    }
    if (this.made.capacity < rowCount) this.made = new EventColumns(this.wanted, rowCount);
    const { made } = this;
    made.clear(rowCount);
    this.generator.fill(made, this.next, this.step, rowCount);
    this.next += rowCount * this.step;
    const columns = this.request.columns.map((column) => {
      if (column.kind === "metadata")
        throw new SqlError("COLUMN_NOT_FOUND", `connector 'nexmark' has no metadata key '${column.key}'`);
      return made.column(column.path, column.type, rowCount, this.generator.pools);
    });
    return { rowCount, columns, kinds: undefined, steps: undefined };
  }

  position(): Json {
    return rowPosition(this.next);
  }

  close(): void {}
}
