import { lazyBuiltin } from "../../base/lazy-builtin.ts";
import type { TlsSettings } from "./tls.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body?: string | undefined;
  readonly tls: TlsSettings | undefined;
  readonly timeoutMillis: number;
}

/** Larger answers are given up. */
const MAX_ANSWER_BYTES = 16 << 20;

/** One request and its answer; rejects when there is none. (`fetch` takes no certificates.) */
export function send({ method, url, authorization, body, tls, timeoutMillis }: HttpRequest): Promise<HttpAnswer> {
  const type = "application/vnd.schemaregistry.v1+json";
  const headers: Record<string, string> = { accept: `${type}, application/json` };
  if (body !== undefined) headers["content-type"] = type;
  if (authorization !== undefined) headers["authorization"] = authorization;
  return new Promise((resolve, reject) => {
    const start = url.startsWith("https:") ? lazyBuiltin.https().request : lazyBuiltin.http().request;
    const request = start(url, { method, headers, agent: false, ...tls }, (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on("data", (piece: Buffer) => {
        length += piece.length;
        if (length > MAX_ANSWER_BYTES) request.destroy(failure("the answer is too large"));
        else pieces.push(piece);
      });
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString("utf8") });
      });
    });
    const timer = setTimeout(() => {
      request.destroy(failure(`no answer within ${timeoutMillis} ms`));
    }, timeoutMillis);
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}

function failure(text: string): Error {
  return Object.assign(new Error(text), { code: "REQUEST_FAILED" });
}
