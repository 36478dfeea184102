import { randomBytes } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inBlocks } from "../blocks.ts";
import type { Contents } from "../byte-storage.ts";
import type { HttpBody } from "../http.ts";

/** What is larger waits in a file. */
const MEMORY_BYTES = 8 << 20;
const PIECE_BYTES = 1 << 20;

/** Contents that can be sent as often as needed. */
export interface Replayable {
  readonly body: HttpBody;
  close(): Promise<void>;
}

/**
 * Contents of which only one pass is to be had, kept until they have arrived: small ones in memory, larger ones in a file
 * of the folder for temporary files, which has no name any more when the first byte is written (but on Windows).
 */
export async function replayable(contents: Contents): Promise<Replayable> {
  if (contents instanceof Uint8Array) return inMemory(contents);
  const blocks = inBlocks(contents, MEMORY_BYTES);
  const first = await blocks.next();
  if (first.done === true) return inMemory(new Uint8Array(0));
  const second = first.value.length < MEMORY_BYTES ? undefined : await blocks.next();
  if (second === undefined || second.done === true) return inMemory(first.value);
  return await inFile([first.value, second.value], blocks);
}

function inMemory(bytes: Uint8Array): Replayable {
  return { body: bytes, close: async () => undefined };
}

async function inFile(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): Promise<Replayable> {
  const path = join(tmpdir(), `millrace-body-${randomBytes(9).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  const named = process.platform === "win32";
  const close = async (): Promise<void> => {
    await file.close();
    if (named) await rm(path, { force: true });
  };
  try {
    if (!named) await rm(path);
    let length = 0;
    const append = async (bytes: Uint8Array): Promise<void> => {
      await file.writeFile(bytes);
      length += bytes.length;
    };
    for (const bytes of first) await append(bytes);
    for await (const bytes of rest) await append(bytes);
    return { body: { length, pieces: () => piecesOf(file, length) }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* piecesOf(file: FileHandle, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
