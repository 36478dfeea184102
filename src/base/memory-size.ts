const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  bytes: 1,
  k: 1024,
  kb: 1024,
  kibibytes: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mebibytes: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gibibytes: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1024 ** 4,
  tebibytes: 1024 ** 4,
};

const MEMORY = /^\s*(\d+)\s*([a-z]*)\s*$/i;

/** Bytes of a memory size as options spell it: `128MB`, `64 kb`, `1g`, `1024` (bytes); units are powers of 1024. */
export function parseMemoryBytes(text: string): number | undefined {
  const match = MEMORY.exec(text);
  if (match === null) return undefined;
  const unit = UNIT_BYTES[(match[2] ?? "").toLowerCase()];
  const bytes = unit === undefined ? Number.NaN : Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size for people: `128 MB`, `1.5 GB`, `17 bytes`. */
export function formatMemoryBytes(bytes: number): string {
  for (const [name, size] of [
    ["TB", 1024 ** 4],
    ["GB", 1024 ** 3],
    ["MB", 1024 ** 2],
    ["kB", 1024],
  ] as const) {
    if (bytes >= size) return `${Math.round((bytes / size) * 10) / 10} ${name}`;
  }
  return `${bytes} bytes`;
}
