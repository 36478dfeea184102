// Turns vega-datasets' flights-3m.parquet into demo/data/flights.csv, once: rows are in order of time already.
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const TARGET = new URL("../demo/data/flights.csv", import.meta.url);
/** The package exports its data only as URLs, so the file is named directly. */
const SOURCE = fileURLToPath(new URL("../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
const ROWS = 3_000_000;
const CHUNK_ROWS = 100_000;

/** Writes the CSV when it is not there yet. */
export async function prepareFlights() {
  if (existsSync(TARGET)) return;
  console.error("preparing demo/data/flights.csv (3,000,000 flights, once) …");
  mkdirSync(new URL(".", TARGET), { recursive: true });
  const file = await asyncBufferFromFile(SOURCE);
  const part = new URL("flights.csv.part", TARGET);
  const out = createWriteStream(part);
  for (let rowStart = 0; rowStart < ROWS; rowStart += CHUNK_ROWS) {
    const rows = await parquetReadObjects({ file, compressors, rowStart, rowEnd: rowStart + CHUNK_ROWS });
    let text = "";
    for (const r of rows)
      text += `${r.date.toISOString().slice(0, 16).replace("T", " ")},${r.delay},${r.distance},${r.origin},${r.destination}\n`;
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
  renameSync(part, TARGET);
}
