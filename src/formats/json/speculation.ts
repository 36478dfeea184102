import type { TimestampStyle } from "../text/temporal.ts";
import { compileLayout, type LayoutScan } from "./compile.ts";
import type { Run } from "./decoder.ts";
import { LayoutLearner, type ObjectLayout } from "./layout.ts";
import type { JsonPlan } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import { ScanHelpers } from "./scan-helpers.ts";

/** Lines that are read in the general way before the first scanner is generated. */
const LINES_TO_LEARN = 8;
/** Scanners that one decoder may generate; lines that differ all the time stay with the general reader. */
const MAX_COMPILATIONS = 12;

/** Guesses that a line is laid out like the ones before, with a scanner generated for that layout. */
export class Speculation {
  private readonly plan: JsonPlan;
  private readonly reader: RecordReader;
  private readonly helpers: ScanHelpers;
  private readonly learner = new LayoutLearner();
  private readonly failOnMissingField: boolean;
  private readonly separator: number;
  private layout: ObjectLayout | undefined;
  private compiled: LayoutScan | undefined;
  private compilations = 0;
  private misses = 0;
  /** After how many misses a new scanner is made. */
  private patience = LINES_TO_LEARN;
  private hits = 0;
  private readonly state = new Int32Array(1);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(plan: JsonPlan, reader: RecordReader, failOnMissingField: boolean, iso: boolean) {
    this.plan = plan;
    this.reader = reader;
    this.helpers = new ScanHelpers(reader);
    this.failOnMissingField = failOnMissingField;
    this.separator = iso ? 84 : 32;
  }

  /** Reads lines up to `end` as long as the guess is right. */
  scan(run: Run, end: number): void {
    if (this.compiled === undefined) return;
    const { buffer, data } = run;
    if (
      this.view.buffer !== data.buffer ||
      this.view.byteOffset !== data.byteOffset ||
      this.view.byteLength !== data.byteLength
    ) {
      this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    }
    const rows = this.compiled(buffer, this.view, run.position, end, run.rows, run.maxRows, this.state);
    this.hits += rows - run.rows;
    run.rows = rows;
    run.position = Math.min(this.state[0]!, end);
  }

  /** A good line was not as guessed: learns from it, and after some of them generates anew. */
  missed(data: Uint8Array, from: number, to: number): void {
    if (this.compilations >= MAX_COMPILATIONS) return;
    this.misses++;
    // Lines that are only now and then different are cheaper to leave alone.
    if (this.misses < this.patience && this.compiled !== undefined) return;
    const learned = this.learner.learn(data, from, to, this.plan.root, this.layout);
    if (learned !== undefined) this.layout = learned;
    if (this.misses < this.patience || this.layout === undefined) return;
    if (this.hits > 50 * this.misses) {
      this.misses = 0;
      this.hits = 0;
      return;
    }
    if (this.failOnMissingField && isIncomplete(this.layout)) return;
    this.compile(this.layout);
  }

  private compile(layout: ObjectLayout): void {
    const style = (zone: boolean): TimestampStyle => ({ separator: this.separator, optionalSeconds: false, zone });
    this.compiled = compileLayout(layout, {
      reader: this.reader,
      helpers: this.helpers,
      slots: this.plan.columns.slots,
      timestamp: style(false),
      timestampLtz: style(true),
    });
    this.compilations++;
    this.patience = this.compilations < 6 ? LINES_TO_LEARN : LINES_TO_LEARN << this.compilations;
    this.misses = 0;
    this.hits = 0;
  }
}

function isIncomplete(layout: ObjectLayout): boolean {
  return (
    layout.absent.length > 0 ||
    layout.members.some((member) => member.object !== undefined && isIncomplete(member.object))
  );
}
