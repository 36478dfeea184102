import { ByteWriter } from "../src/base/byte-writer.ts";
import { columnOf } from "../src/batch/column-builder.ts";
import type { RecordBatch } from "../src/batch/record-batch.ts";
import type { Messages } from "../src/formats/api.ts";
import { FakeRegistry } from "../src/formats/avro-confluent/fake-registry.test-helper.ts";
import { FORMATS } from "../src/formats/index.ts";
import { T, type Field } from "../src/types/data-type.ts";

/** Rows of a batch, as a fetch of a queue may bring them. */
const BATCH_ROWS = 2000;

const FIELDS: readonly Field[] = [
  { name: "id", type: T.bigint() },
  { name: "user", type: T.string() },
  { name: "amount", type: T.decimal(10, 2) },
  { name: "note", type: T.string() },
  { name: "time", type: T.timestamp(3) },
];

interface Cost {
  readonly format: string;
  readonly bytesPerMessage: number;
  readonly decodeRowsPerSecond: number;
  readonly decodeCpuPerMillion: number;
  readonly encodeRowsPerSecond: number;
  readonly encodeCpuPerMillion: number;
}

/** Five columns (`raw`: one text), about 200 bytes a row as JSON: messages → columns and columns → messages, in this process. */
export async function formatsBench(rows: number, runs: number, names: readonly string[]): Promise<readonly Cost[]> {
  const registry = await FakeRegistry.start();
  const costs: Cost[] = [];
  for (const format of FORMATS) {
    if (names.length > 0 && !names.includes(format.name)) continue;
    const fields = format.name === "raw" ? FIELDS.filter(({ name }) => name === "note") : FIELDS;
    const withSchemas = format.options.some(({ name }) => name === "url");
    const options = withSchemas ? { url: registry.url, subject: "bench-value" } : {};
    const request = { fields, options, timeZone: "UTC" };
    const encoder = format.encoder!(request);
    await encoder.prepare?.();
    const batch = batchOf(fields);
    const out = new ByteWriter(1 << 20);
    const messages = encodeBatch(() => encoder.rowWriter(batch, out), out);
    const projection = fields.map(({ name, type }) => ({ path: [name], type }));
    const decoder = format.decoder!({ physical: fields, projection, options, timeZone: "UTC" });
    await decoder.prepareMessages?.(messages, 0, BATCH_ROWS);
    const batches = Math.ceil(rows / BATCH_ROWS);
    const decode = best(runs, batches, () => {
      const [decoded] = decoder.decodeMessages!(messages, 0, BATCH_ROWS);
      if (decoded?.batch.rowCount !== BATCH_ROWS) throw new RangeError(`${format.name} lost rows`);
    });
    const encode = best(runs, batches, () => encodeBatch(() => encoder.rowWriter(batch, out), out));
    const cost = {
      format: format.name,
      bytesPerMessage: Math.round(messages.data.length / BATCH_ROWS),
      decodeRowsPerSecond: decode.rowsPerSecond,
      decodeCpuPerMillion: decode.cpuPerMillion,
      encodeRowsPerSecond: encode.rowsPerSecond,
      encodeCpuPerMillion: encode.cpuPerMillion,
    };
    costs.push(cost);
    console.log(
      `${cost.format.padEnd(24)} ${String(cost.bytesPerMessage).padStart(4)} B  decode ${shown(decode)}  encode ${shown(encode)}`,
    );
  }
  await registry.stop();
  return costs;
}

interface Rate {
  readonly rowsPerSecond: number;
  readonly cpuPerMillion: number;
}

function shown({ rowsPerSecond, cpuPerMillion }: Rate): string {
  return `${Math.round(rowsPerSecond).toLocaleString("en").padStart(10)}/s ${cpuPerMillion.toFixed(2)} CPU s per million`;
}

/** The run with the least CPU; one more before, for the compiler. */
function best(runs: number, batches: number, work: () => void): Rate {
  let found: Rate = { rowsPerSecond: 0, cpuPerMillion: Number.POSITIVE_INFINITY };
  for (let run = 0; run <= runs; run++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    for (let i = 0; i < batches; i++) work();
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const count = batches * BATCH_ROWS;
    const rate = { rowsPerSecond: count / seconds, cpuPerMillion: (user + system) / count };
    if (run > 0 && rate.cpuPerMillion < found.cpuPerMillion) found = rate;
  }
  return found;
}

function batchOf(fields: readonly Field[]): RecordBatch {
  const note = "a note with some words in it, as people write them when a form asks for one. ".repeat(2).slice(0, 88);
  const valuesOf = (i: number): Readonly<Record<string, bigint | string | number>> => ({
    id: BigInt(i) * 7919n,
    user: `user-${(i * 31) % 9973}`,
    amount: BigInt((i * 104729) % 10_000_000),
    note: `${i} ${note}`,
    time: 1_700_000_000_000 + i * 137,
  });
  return {
    rowCount: BATCH_ROWS,
    columns: fields.map(({ name, type }) =>
      columnOf(
        type,
        Array.from({ length: BATCH_ROWS }, (_, i) => valuesOf(i)[name]!),
      ),
    ),
    kinds: undefined,
    steps: undefined,
  };
}

function encodeBatch(writer: () => (row: number) => boolean, out: ByteWriter): Messages {
  const starts = new Int32Array(BATCH_ROWS);
  const lengths = new Int32Array(BATCH_ROWS);
  out.clear();
  const write = writer();
  for (let row = 0; row < BATCH_ROWS; row++) {
    starts[row] = out.length;
    write(row);
    lengths[row] = out.length - starts[row]!;
  }
  return { data: out.bytes.subarray(0, out.length), starts, lengths };
}
