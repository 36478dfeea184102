import { SqlError } from "../../base/errors.ts";
import type { S3Client } from "./client.ts";
import { escaped, textOf } from "../xml.ts";

/** An object of at least this size is written in parts of it. */
export const PART_BYTES = 8 << 20;
/** Parts under way at once: of each one lies in memory. */
const PARALLEL = 3;

/** An object whose parts are being written. */
export interface Upload {
  readonly client: S3Client;
  readonly key: string;
  readonly id: string;
}

/** What became of an upload. */
export interface Uploaded {
  /** Undefined: the object was there already, or, when the completion was `repeated`, perhaps is what this upload made. */
  readonly version: string | undefined;
  readonly repeated: boolean;
}

/** Writes an object in parts; it appears as a whole, if the condition in the headers holds then. */
export async function uploadInParts(
  client: S3Client,
  key: string,
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Promise<Uploaded> {
  const { "if-none-match": condition, ...metadata } = headers;
  const upload = await startUpload(client, key, metadata);
  let complete = false;
  try {
    const tags = await sendParts(upload, first, rest);
    const uploaded = await completeUpload(upload, tags, condition);
    complete = uploaded.version !== undefined;
    return uploaded;
  } finally {
    // Parts that became no object would be paid for until someone removes them.
    if (!complete) await abortUpload(upload).catch(() => undefined);
  }
}

/** Throws IO. */
export async function startUpload(
  client: S3Client,
  key: string,
  headers: Readonly<Record<string, string>>,
): Promise<Upload> {
  const started = await client.send({ method: "POST", key, query: { uploads: "" }, headers });
  const id = textOf(started.body.toString(), "UploadId");
  if (id === undefined) throw new SqlError("IO", `POST ${key}: the answer names no upload`);
  return { client, key, id };
}

/** Makes the object of its parts, by their tags. `condition`: `if-none-match`. */
export async function completeUpload(
  { client, key, id }: Upload,
  tags: readonly string[],
  condition: string | undefined,
): Promise<Uploaded> {
  const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`);
  const answer = await client.send({
    method: "POST",
    key,
    query: { uploadId: id },
    headers: {
      "content-type": "application/xml",
      ...(condition === undefined ? {} : { "if-none-match": condition }),
    },
    body: Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`),
    accepted: [404, 412],
  });
  if (answer.status !== 200) return { version: undefined, repeated: answer.repeated };
  return { version: textOf(answer.body.toString(), "ETag") ?? "", repeated: false };
}

/** Sends the parts, several at a time; answers their tags. */
export async function sendParts(
  upload: Upload,
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<readonly string[]> {
  const tags: string[] = [];
  const underWay = new Set<Promise<void>>();
  let count = 0;
  const start = async (bytes: Uint8Array): Promise<void> => {
    while (underWay.size >= PARALLEL) await Promise.race(underWay);
    const number = ++count;
    const sent = sendPart(upload, number, bytes).then((tag) => {
      tags[number - 1] = tag;
      underWay.delete(sent);
    });
    // Whoever waits for it hears of a failure.
    sent.catch(() => undefined);
    underWay.add(sent);
  };
  try {
    for (const bytes of first) await start(bytes);
    for await (const bytes of rest) await start(bytes);
    await Promise.all(underWay);
  } catch (error) {
    // None may arrive after the upload was given up.
    await Promise.allSettled(underWay);
    throw error;
  }
  return tags;
}

async function sendPart({ client, key, id }: Upload, number: number, body: Uint8Array): Promise<string> {
  const query = { partNumber: String(number), uploadId: id };
  const answer = await client.send({ method: "PUT", key, query, body });
  return answer.headers.etag ?? "";
}

/** Removes the parts; an upload that is not there is fine. */
export async function abortUpload({ client, key, id }: Upload): Promise<void> {
  await client.send({ method: "DELETE", key, query: { uploadId: id }, accepted: [404] });
}
