import { randomBytes } from "node:crypto";
import { inBlocks } from "../blocks.ts";
import type { ByteStorage, Contents, StoredBytes, StoredName } from "../byte-storage.ts";
import { ageOf } from "../http.ts";
import { elementsOf, textOf } from "../xml.ts";
import { S3Client } from "./client.ts";
import type { S3Settings } from "./settings.ts";
import { S3Staging } from "./staging.ts";
import { PART_BYTES, uploadInParts } from "./upload.ts";

/** Metadata of an object: which call wrote it. Tells a request that was answered with silence from someone else's. */
const WRITER = "x-amz-meta-writer";
const NOTHING_THERE = [404, 412];

/** Objects of a bucket. Needs conditional writes (`If-None-Match`, `If-Match`). */
export class S3Storage implements ByteStorage {
  readonly name: string;
  readonly staging: S3Staging;
  readonly #client: S3Client;

  constructor(settings: S3Settings) {
    this.name = `s3://${settings.bucket}`;
    this.#client = new S3Client(settings);
    this.staging = new S3Staging(
      this.#client,
      WRITER,
      async (path, writer) => (await this.#ownVersion(path, writer)) !== undefined,
    );
  }

  async create(path: string, contents: Contents): Promise<string | undefined> {
    const headers = { "if-none-match": "*", [WRITER]: randomBytes(12).toString("hex") };
    if (contents instanceof Uint8Array) return this.#write(path, contents, headers);
    const parts = inBlocks(contents, PART_BYTES);
    const first = await parts.next();
    const second = first.done === true ? first : await parts.next();
    if (second.done === true) return this.#write(path, first.done === true ? new Uint8Array(0) : first.value, headers);
    const { version, repeated } = await uploadInParts(this.#client, path, [first.value, second.value], parts, headers);
    return version ?? (repeated ? await this.#ownVersion(path, headers[WRITER]!) : undefined);
  }

  async replace(path: string, bytes: Uint8Array, version: string): Promise<string | undefined> {
    return this.#write(path, bytes, { "if-match": version, [WRITER]: randomBytes(12).toString("hex") });
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send({ method: "PUT", key: path, body: bytes });
  }

  async read(path: string): Promise<StoredBytes | undefined> {
    const answer = await this.#client.send({ method: "GET", key: path, accepted: [404] });
    if (answer.status === 404) return undefined;
    const { headers, body } = answer;
    return { bytes: body, version: headers.etag ?? "", ageMillis: ageOf(headers["last-modified"], headers.date) };
  }

  async readRange(path: string, from: number, length: number): Promise<Uint8Array | undefined> {
    if (length === 0) return new Uint8Array(0);
    const headers = { range: `bytes=${from}-${from + length - 1}` };
    const answer = await this.#client.send({ method: "GET", key: path, headers, accepted: [404, 416] });
    if (answer.status === 416) return new Uint8Array(0);
    if (answer.status === 404) return undefined;
    // A server may answer with all of it.
    return answer.status === 206 ? answer.body : answer.body.subarray(from, from + length);
  }

  async *list(prefix: string): AsyncGenerator<StoredName> {
    for await (const page of this.#pages(prefix, {})) {
      for (const item of elementsOf(page, "Contents"))
        yield {
          path: textOf(item, "Key") ?? "",
          size: Number(textOf(item, "Size")),
          modifiedMillis: Date.parse(textOf(item, "LastModified") ?? "") || undefined,
        };
    }
  }

  async children(folder: string): Promise<readonly string[]> {
    const prefix = folder === "" ? "" : `${folder}/`;
    const names: string[] = [];
    for await (const page of this.#pages(prefix, { delimiter: "/" })) {
      for (const item of elementsOf(page, "Contents")) names.push((textOf(item, "Key") ?? "").slice(prefix.length));
      for (const item of elementsOf(page, "CommonPrefixes"))
        names.push((textOf(item, "Prefix") ?? "").slice(prefix.length));
    }
    // An object whose name ends with a slash stands for an empty folder in some tools.
    return [...new Set(names)].filter((name) => name !== "").sort();
  }

  async remove(path: string): Promise<void> {
    await this.#client.send({ method: "DELETE", key: path, accepted: [404] });
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async *#pages(prefix: string, more: Readonly<Record<string, string>>): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const query = {
        "list-type": "2",
        ...more,
        ...(prefix === "" ? {} : { prefix }),
        ...(token === undefined ? {} : { "continuation-token": token }),
      };
      const page = (await this.#client.send({ method: "GET", key: "", query })).body.toString();
      yield page;
      token = textOf(page, "IsTruncated") === "true" ? textOf(page, "NextContinuationToken") : undefined;
    } while (token !== undefined);
  }

  /** Under a condition; undefined: it does not hold. */
  async #write(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<string | undefined> {
    const answer = await this.#client.send({ method: "PUT", key: path, headers, body, accepted: NOTHING_THERE });
    if (answer.status === 200) return answer.headers.etag ?? "";
    return answer.repeated ? await this.#ownVersion(path, headers[WRITER] ?? "") : undefined;
  }

  /** The version of an object, if it is what this writer wrote before its answer was lost. */
  async #ownVersion(path: string, writer: string): Promise<string | undefined> {
    const answer = await this.#client.send({ method: "HEAD", key: path, accepted: [404] });
    return answer.status === 200 && answer.headers[WRITER] === writer ? (answer.headers.etag ?? "") : undefined;
  }
}
