import type { AnswerBuffers } from "./answer-buffers.ts";

/** What kafkajs' queue takes. */
export interface Answer {
  readonly size: number;
  readonly correlationId: number;
  readonly payload: Buffer;
}

/** Size and correlation id. */
const HEAD_BYTES = 8;

/**
 * Puts answers together from what a socket gives. Each answer gets one buffer of its own, of its size, into which the
 * pieces are copied: the pieces may come in a buffer that is used again.
 */
export class FrameAssembler {
  private readonly deliver: (answer: Answer) => void;
  private readonly buffers: AnswerBuffers;
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private headLength = 0;
  private payload: Buffer | undefined;
  private payloadLength = 0;

  constructor(deliver: (answer: Answer) => void, buffers: AnswerBuffers) {
    this.deliver = deliver;
    this.buffers = buffers;
  }

  /** Takes all of the piece. */
  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.payload === undefined) {
        const taken = piece.copy(this.head, this.headLength, at, at + HEAD_BYTES - this.headLength);
        this.headLength += taken;
        at += taken;
        if (this.headLength < HEAD_BYTES) return;
        this.payload = this.buffers.take(Math.max(0, this.head.readInt32BE(0) - 4));
        this.payloadLength = 0;
      }
      const taken = piece.copy(this.payload, this.payloadLength, at);
      this.payloadLength += taken;
      at += taken;
      if (this.payloadLength === this.payload.length) this.finish(this.payload);
    }
  }

  private finish(payload: Buffer): void {
    const size = payload.length + 4;
    const correlationId = this.head.readInt32BE(4);
    this.headLength = 0;
    this.payload = undefined;
    this.deliver({ size, correlationId, payload });
  }
}
