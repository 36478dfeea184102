import type { TimestampStyle } from "../text/temporal.ts";
import { compileLayout, type LayoutScan } from "./compile.ts";
import type { Run } from "./decoder.ts";
import { LayoutLearner, type ObjectLayout } from "./layout.ts";
import type { JsonPlan, LineStarts } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import { ScanHelpers } from "./scan-helpers.ts";

/** Lines that are read in the general way before the first scanner is generated, or another one. */
const LINES_TO_LEARN = 8;
/** Lines that are looked at ahead before a scanner is generated. */
const LINES_AHEAD = 64;
/** Layouts that are known at a time; each stands for another list of member names. */
const MAX_LAYOUTS = 4;
/** Scanners that one decoder may generate; lines that differ all the time stay with the general reader. */
const MAX_COMPILATIONS = 16;
/** After so many misses it is looked at whether guessing pays. */
const TRIAL_MISSES = 256;
/** Lines that the general reader reads alone when it does not, before the next trial. */
const PAUSE_LINES = 50_000;

interface Guess {
  layout: ObjectLayout;
  /** The layout's member names. */
  readonly names: string;
  scan: LayoutScan | undefined;
  /** `scan` is for an older layout, or missing. */
  stale: boolean;
  /** Lines that it has read. */
  hits: number;
}

/** Guesses that a line is laid out like ones before, with scanners generated for those layouts. */
export class Speculation {
  private readonly plan: JsonPlan;
  private readonly reader: RecordReader;
  private readonly helpers: ScanHelpers;
  private readonly learner = new LayoutLearner();
  private readonly failOnMissingField: boolean;
  private readonly separator: number;
  private readonly lineStarts: LineStarts | undefined;
  private guesses: Guess[] = [];
  /** Guesses that have a scanner, the one that was right last at `current`. */
  private compiled: Guess[] = [];
  private current = 0;
  private compilations = 0;
  private misses = 0;
  private trialMisses = 0;
  /** Lines until the next trial. */
  private pause = 0;
  /** After how many misses scanners are made for what was learned. */
  private patience = LINES_TO_LEARN;
  private readonly state = new Int32Array(1);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    plan: JsonPlan,
    reader: RecordReader,
    failOnMissingField: boolean,
    iso: boolean,
    lineStarts?: LineStarts,
  ) {
    this.plan = plan;
    this.reader = reader;
    this.helpers = new ScanHelpers(reader);
    this.failOnMissingField = failOnMissingField;
    this.separator = iso ? 84 : 32;
    this.lineStarts = lineStarts;
  }

  /** A batch begins: its columns may have other arrays than the last. */
  begin(): void {
    for (const guess of this.compiled) guess.scan!.bind();
  }

  /** Reads lines up to `end`, which is behind a line end, as long as one of the guesses is right; `marks` are their `TextMarks`. */
  scan(run: Run, end: number, marks: Int32Array): void {
    const { compiled } = this;
    const { buffer, starts } = run;
    // Each row is a line.
    const linesBefore = run.lines - run.rows;
    if (
      this.view.buffer !== buffer.buffer ||
      this.view.byteOffset !== buffer.byteOffset ||
      this.view.byteLength !== buffer.byteLength
    ) {
      this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    }
    let failures = 0;
    while (failures < compiled.length && run.rows < run.maxRows && run.position < end) {
      const guess = compiled[this.current]!;
      const scan = guess.scan!;
      const stop =
        end + scan.slackBytes <= buffer.length ? end : buffer.lastIndexOf(10, buffer.length - scan.slackBytes) + 1;
      const rows =
        stop <= run.position
          ? run.rows
          : scan.scan(
              buffer,
              this.view,
              marks,
              run.position,
              stop,
              run.rows,
              run.maxRows,
              this.state,
              starts,
              linesBefore,
            );
      if (stop <= run.position || rows === run.rows) failures++;
      else {
        failures = 0;
        guess.hits += rows - run.rows;
        run.rows = rows;
        run.position = this.state[0]!;
      }
      if (run.position < end && rows < run.maxRows) {
        this.reader.clearRow(rows);
        this.current = (this.current + 1) % compiled.length;
      }
    }
  }

  /** A good line was not as guessed: learns from it, and after some of them generates scanners. */
  missed(data: Buffer, from: number, to: number, end: number): void {
    if (this.pause > 0) {
      this.pause--;
      return;
    }
    this.misses++;
    if (++this.trialMisses >= TRIAL_MISSES) this.judge();
    // A few lines of a long run say enough.
    if (this.compilations >= MAX_COMPILATIONS || this.misses + LINES_TO_LEARN < this.patience) return;
    this.learn(data, from, to);
    if (this.misses < this.patience) return;
    // Lines that are only now and then different are left alone.
    if (this.hits() <= 50 * this.misses) {
      this.lookAhead(data, to, end);
      this.compile();
    }
    this.misses = 0;
  }

  /** Learns from lines to come, so that what is rare (another kind of record) needs no other scanner soon. */
  private lookAhead(data: Buffer, from: number, end: number): void {
    let start = data.indexOf(10, from) + 1;
    for (let lines = 0; lines < LINES_AHEAD && start > 0 && start < end; lines++) {
      // In front of messages.
      while (data[start] === 32) start++;
      const newline = data.indexOf(10, start);
      if (newline < 0 || newline >= end) return;
      this.learn(data, start, data[newline - 1] === 13 ? newline - 1 : newline);
      start = newline + 1;
    }
  }

  private hits(): number {
    return this.compiled.reduce((sum, guess) => sum + guess.hits, 0);
  }

  /** Stops guessing for a while when too few lines were as guessed. */
  private judge(): void {
    if (this.hits() < 2 * this.trialMisses) {
      this.compiled = [];
      this.guesses = [];
      this.compilations = 0;
      this.patience = LINES_TO_LEARN;
      this.misses = 0;
      this.pause = PAUSE_LINES;
    }
    for (const guess of this.compiled) guess.hits = 0;
    this.trialMisses = 0;
  }

  private learn(data: Uint8Array, from: number, to: number): void {
    const { guesses } = this;
    let learned = this.learner.learn(data, from, to, this.plan.root, undefined);
    if (learned === undefined) return;
    const names = namesOf(learned);
    const known = guesses.find((guess) => guess.names === names);
    if (known !== undefined) {
      // Members that are null in this line keep the layout they had.
      learned = this.learner.learn(data, from, to, this.plan.root, known.layout) ?? learned;
      known.layout = learned;
      known.stale = true;
      return;
    }
    if (guesses.length === MAX_LAYOUTS) {
      const worst = guesses.reduce((least, guess) => (guess.hits < least.hits ? guess : least));
      guesses.splice(guesses.indexOf(worst), 1);
    }
    guesses.push({ layout: learned, names, scan: undefined, stale: true, hits: 0 });
  }

  private compile(): void {
    const style = (zone: boolean): TimestampStyle => ({ separator: this.separator, optionalSeconds: false, zone });
    for (const guess of this.guesses) {
      if (!guess.stale || (this.failOnMissingField && isIncomplete(guess.layout))) continue;
      this.compilations++;
      guess.stale = false;
      guess.scan = compileLayout(guess.layout, {
        reader: this.reader,
        helpers: this.helpers,
        lineStarts: this.lineStarts,
        timestamp: style(false),
        timestampLtz: style(true),
      });
    }
    this.compiled = this.guesses.filter((guess) => guess.scan !== undefined);
    this.current = 0;
    this.begin();
    if (this.compilations > MAX_LAYOUTS) this.patience = LINES_TO_LEARN << Math.min(20, this.compilations);
  }
}

function namesOf(layout: ObjectLayout): string {
  return JSON.stringify(layout.members.map((member) => member.name));
}

function isIncomplete(layout: ObjectLayout): boolean {
  return (
    layout.absent.length > 0 ||
    layout.members.some((member) => member.object !== undefined && isIncomplete(member.object))
  );
}
