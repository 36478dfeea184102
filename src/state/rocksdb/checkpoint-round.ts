import { SqlError } from "../../base/errors.ts";
import type { CheckpointKind } from "../../checkpoint/metadata.ts";
import { Pace } from "../pace.ts";
import type { HeldReading } from "./record-backend.ts";
import type { RecordWriter } from "./record-writer.ts";

/** An operator whose state is frozen for a checkpoint. */
export interface RoundMember {
  /** Writes what is frozen. */
  writeFrozen(pace: Pace): Promise<void>;
  /** The database has been copied, or never will be: newer records may be written again. */
  thaw(): void;
}

/** How far a round has come. */
export interface RoundWindow {
  /** Some operators have not seen the barrier yet. */
  readonly isFreezing: boolean;
  /** No member can change what is in the copy any more, or there will be none. */
  readonly isOver: boolean;
  /** Settled when newer records may be written again. */
  readonly closed: Promise<void>;
}

/** What a round works with. */
export interface RoundServices<Copy> {
  readonly writer: RecordWriter;
  /** Number of operators of the thread. */
  readonly memberCount: number;
  /** Copies the database; called while nothing is written. */
  capture(): Promise<Copy | undefined>;
  /** Removes a copy that nobody wants. */
  discard(copy: Copy): Promise<void>;
  picture(): HeldReading;
  /** After the window has closed. */
  ended(): void;
}

/** A copy of the database for a checkpoint (undefined: there are no tables), or a picture of it for a savepoint. */
type RoundResult<Copy> =
  | { readonly kind: "copy"; readonly copy: Copy | undefined }
  | { readonly kind: "picture"; readonly picture: HeldReading };

/**
 * One checkpoint of all operators of a thread, which share a database: once the barrier has passed all of them, what
 * they froze is written, and the database is copied before any of them writes something newer.
 */
export class CheckpointRound<Copy> implements RoundWindow {
  readonly #services: RoundServices<Copy>;
  readonly #members = new Set<RoundMember>();
  readonly result: Promise<RoundResult<Copy>>;
  #resolve!: (result: RoundResult<Copy>) => void;
  #reject!: (error: unknown) => void;
  #askFor!: (kind: CheckpointKind) => void;
  readonly #asked: Promise<CheckpointKind | undefined>;
  #giveUp!: () => void;
  #phase: "freezing" | "writing" | "copied" | "given-up" = "freezing";
  /** Settled when newer records may be written again. */
  readonly closed: Promise<void>;
  #close!: () => void;

  constructor(services: RoundServices<Copy>) {
    this.#services = services;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who asked hears of it; nobody may have asked.
    this.result.catch(() => undefined);
    this.#asked = new Promise((resolve) => {
      this.#askFor = resolve;
      this.#giveUp = () => resolve(undefined);
    });
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }

  /** Some operators have not seen the barrier yet. */
  get isFreezing(): boolean {
    return this.#phase === "freezing";
  }

  /** No member can change what is in the copy any more, or there will be none. */
  get isOver(): boolean {
    return this.#phase === "copied" || this.#phase === "given-up";
  }

  has(member: RoundMember): boolean {
    return this.#members.has(member);
  }

  /** The barrier has passed an operator, and its state is frozen. */
  join(member: RoundMember): void {
    this.#members.add(member);
    if (this.#members.size < this.#services.memberCount) return;
    this.#phase = "writing";
    void this.#run();
  }

  /** The coordinator wants the state. */
  ask(kind: CheckpointKind): void {
    this.#askFor(kind);
  }

  /** The checkpoint will not be completed; without effect once the database is copied. */
  abandon(reason: string): void {
    if (this.isOver) return;
    this.#phase = "given-up";
    this.#giveUp();
    this.#reject(new SqlError("CHECKPOINT_FAILED", reason, { retryable: true }));
    this.#thaw();
  }

  async #run(): Promise<void> {
    const { writer } = this.#services;
    try {
      const pace = new Pace();
      for (const member of this.#members) await member.writeFrozen(pace);
      await writer.flush();
      const kind = await this.#asked;
      if (kind === undefined) return;
      const result = await writer.exclusively(async (): Promise<RoundResult<Copy> | undefined> => {
        if (this.isOver) return undefined;
        if (kind === "savepoint") return { kind: "picture", picture: this.#services.picture() };
        return { kind: "copy", copy: await this.#services.capture() };
      });
      if (result === undefined) return;
      if (this.isOver) {
        // It was given up while it was copied; nobody wants the copy.
        if (result.kind === "picture") await result.picture.release();
        else if (result.copy !== undefined) await this.#services.discard(result.copy);
        return;
      }
      this.#phase = "copied";
      this.#resolve(result);
      this.#thaw();
    } catch (error) {
      if (this.isOver) return;
      this.#phase = "given-up";
      this.#reject(error);
      this.#thaw();
    }
  }

  #thaw(): void {
    for (const member of this.#members) member.thaw();
    this.#close();
    this.#services.ended();
  }
}
