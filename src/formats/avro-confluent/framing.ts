import { SqlError } from "../../base/errors.ts";
import type { Messages } from "../api.ts";
import type { Framing, SchemaReader } from "../avro/decoder.ts";
import type { AvroSchema } from "../avro/schema.ts";
import type { RegisteredSchema, SchemaRegistry } from "./registry.ts";

/** A zero byte and the schema's id. */
export const HEADER_BYTES = 5;

const MAGIC = 0;
const BAD_MAGIC: SchemaReader = { problem: "Unknown data format. Magic number does not match" };

/** Messages that say in front by which schema of the registry they were written. */
export class ConfluentFraming implements Framing {
  readonly headerBytes = HEADER_BYTES;
  private readonly registry: SchemaRegistry;
  private readonly compile: (writer: AvroSchema) => SchemaReader;
  private readonly readers = new Map<number, SchemaReader>();
  /** Ids whose schemas could not be found: asked for again by the next `prepareMessages`. */
  private readonly problems = new Set<number>();
  private lastId = -1;
  private last: SchemaReader = BAD_MAGIC;

  constructor(registry: SchemaRegistry, compile: (writer: AvroSchema) => SchemaReader) {
    this.registry = registry;
    this.compile = compile;
  }

  prepareMessages(messages: Messages, from: number, to: number): Promise<void> | undefined {
    const wanted = this.missingIds(messages, from, to);
    if (wanted.size === 0) return undefined;
    return this.fetch([...wanted]);
  }

  readerFor(data: Uint8Array, start: number, length: number): SchemaReader {
    if (length < HEADER_BYTES || data[start] !== MAGIC) return BAD_MAGIC;
    const id = idAt(data, start);
    if (id === this.lastId) return this.last;
    const reader = this.readers.get(id);
    if (reader === undefined) throw new SqlError("BUG", `messages were not prepared: schema ${id} is not there`);
    this.lastId = id;
    this.last = reader;
    return reader;
  }

  private missingIds({ data, starts, lengths }: Messages, from: number, to: number): Set<number> {
    const wanted = new Set<number>();
    let previous = -1;
    for (let i = from; i < to; i++) {
      const start = starts[i]!;
      if (lengths[i]! < HEADER_BYTES || data[start] !== MAGIC) continue;
      const id = idAt(data, start);
      if (id === previous) continue;
      previous = id;
      if (!this.readers.has(id) || this.problems.has(id)) wanted.add(id);
    }
    return wanted;
  }

  private async fetch(ids: readonly number[]): Promise<void> {
    const found = await Promise.all(ids.map((id) => this.registry.schemaOf(id)));
    ids.forEach((id, i) => this.take(id, found[i]!));
  }

  private take(id: number, found: RegisteredSchema): void {
    this.lastId = -1;
    if ("problem" in found) {
      this.problems.add(id);
      this.readers.set(id, found);
      return;
    }
    this.problems.delete(id);
    const reader = this.compile(found.schema);
    this.readers.set(
      id,
      "problem" in reader
        ? { problem: `schema with id ${id} of registry ${this.registry.name}: ${reader.problem}` }
        : reader,
    );
  }
}

function idAt(data: Uint8Array, start: number): number {
  return (data[start + 1]! << 24) | (data[start + 2]! << 16) | (data[start + 3]! << 8) | data[start + 4]!;
}

/** The bytes in front of a record. */
export function headerOf(id: number): Uint8Array {
  return Uint8Array.of(MAGIC, id >> 24, id >> 16, id >> 8, id);
}
