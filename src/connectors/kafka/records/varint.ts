/** How many bytes a signed number of 32 bits takes. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

/** Writes it and says where the next byte goes. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let to = at;
  for (; rest >= 0x80; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80;
  bytes[to++] = rest;
  return to;
}

/** How many bytes a signed integer up to 2^52 takes. */
export function varlongSize(value: number): number {
  if (value === value >> 0) return varintSize(value);
  let size = 1;
  for (let rest = zigzagOf(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Writes it and says where the next byte goes. */
export function putVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value === value >> 0) return putVarint(bytes, at, value);
  let rest = zigzagOf(value);
  let to = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[to++] = (rest % 0x80) | 0x80;
  bytes[to++] = rest;
  return to;
}

function zigzagOf(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
