import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { EncryptionKey } from "./encryption-keys.ts";

/** What is encrypted at once: large, so that few calls are made; small, so that files of any size stream. */
const BLOCK_BYTES = 1 << 18;
const TAG_BYTES = 16;
const SALT_BYTES = 16;

/** How something was encrypted; stands in authenticated metadata, so that no file can take the place of another one. */
export interface Seal {
  readonly keyId: string;
  /** Hexadecimal, new for every file: its own key follows from it. */
  readonly salt: string;
}

/** What is encrypted; a file of one kind never opens as one of another. */
export type Purpose = "state file" | "metadata";

/** A seal for a new file. */
export function newSeal(key: EncryptionKey): Seal {
  return { keyId: key.id, salt: randomBytes(SALT_BYTES).toString("hex") };
}

/**
 * The pieces encrypted with AES-256-GCM, in blocks: each carries 16 bytes that authenticate it, its position, and whether
 * it is the last. The key is the file's own, so that positions can be nonces.
 */
export async function* sealed(
  pieces: AsyncIterable<Uint8Array>,
  key: EncryptionKey,
  seal: Seal,
  purpose: Purpose,
): AsyncGenerator<Uint8Array> {
  const secret = fileKey(key, seal, purpose);
  for await (const block of inBlocksOf(BLOCK_BYTES, pieces)) yield sealBlock(secret, block);
}

/**
 * The pieces decrypted; nothing of a block is handed out before all of it is authenticated. `damaged` makes the error of
 * a file that was changed, cut off, or is another one.
 */
export async function* unsealed(
  pieces: AsyncIterable<Uint8Array>,
  key: EncryptionKey,
  seal: Seal,
  purpose: Purpose,
  damaged: () => Error,
): AsyncGenerator<Uint8Array> {
  const secret = fileKey(key, seal, purpose);
  for await (const block of inBlocksOf(BLOCK_BYTES + TAG_BYTES, pieces)) yield openBlock(secret, block, damaged);
}

interface Block {
  readonly bytes: Uint8Array;
  readonly position: number;
  readonly last: boolean;
}

/** Blocks of that size; the last one, which is always there, may be shorter, or empty. */
async function* inBlocksOf(size: number, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let position = 0;
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    waiting.push(piece);
    length += piece.length;
    // One that is full may be the last.
    if (length <= size) continue;
    const all = waiting.length === 1 ? piece : Buffer.concat(waiting, length);
    let at = 0;
    for (; length - at > size; at += size)
      yield { bytes: all.subarray(at, at + size), position: position++, last: false };
    waiting = [all.subarray(at)];
    length -= at;
  }
  yield { bytes: waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting, length), position, last: true };
}

function sealBlock(secret: Uint8Array, { bytes, position, last }: Block): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", secret, nonce(position, last));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function openBlock(secret: Uint8Array, { bytes, position, last }: Block, damaged: () => Error): Uint8Array {
  if (bytes.length < TAG_BYTES) throw damaged();
  const end = bytes.length - TAG_BYTES;
  const cipher = createDecipheriv("aes-256-gcm", secret, nonce(position, last), { authTagLength: TAG_BYTES });
  cipher.setAuthTag(bytes.subarray(end));
  const plain = cipher.update(bytes.subarray(0, end));
  try {
    cipher.final();
  } catch {
    throw damaged();
  }
  return plain;
}

function nonce(position: number, last: boolean): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(position, 2, 6);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

function fileKey(key: EncryptionKey, { salt }: Seal, purpose: Purpose): Uint8Array {
  return Buffer.from(hkdfSync("sha256", key.secret, Buffer.from(salt, "hex"), `millrace ${purpose} 1`, 32));
}

/** A text encrypted, as base64. */
export function sealText(text: string, key: EncryptionKey, seal: Seal, purpose: Purpose): string {
  const secret = fileKey(key, seal, purpose);
  return Buffer.from(sealBlock(secret, { bytes: Buffer.from(text), position: 0, last: true })).toString("base64");
}

/** The text of `sealText`. */
export function openText(
  base64: string,
  key: EncryptionKey,
  seal: Seal,
  purpose: Purpose,
  damaged: () => Error,
): string {
  const block = { bytes: Buffer.from(base64, "base64"), position: 0, last: true };
  return Buffer.from(openBlock(fileKey(key, seal, purpose), block, damaged)).toString();
}
