/** The pieces, put together to blocks of the size (the last one may be shorter). */
export async function* inBlocks(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (let piece of pieces) {
    while (length + piece.length >= size) {
      const taken = size - length;
      yield Buffer.concat([...waiting, piece.subarray(0, taken)], size);
      piece = piece.subarray(taken);
      waiting = [];
      length = 0;
    }
    if (piece.length === 0) continue;
    // The piece's memory may be used again by who made it.
    waiting.push(piece.slice());
    length += piece.length;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}
