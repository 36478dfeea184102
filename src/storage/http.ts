import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** In memory, or read anew for each request. */
export type HttpBody = Uint8Array | { readonly length: number; pieces(): AsyncIterable<Uint8Array> };

/** So long a server that says nothing is waited for before a body that wants its consent is sent anyway. */
const CONSENT_MILLIS = 1000;

/** A request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody | undefined;
  /** The body is sent when the server has said that it wants it: its refusal is read then, and not a broken connection. */
  readonly asksFirst?: boolean | undefined;
  /** So long the connection may be silent. */
  readonly timeoutMillis: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Connections that are kept between requests. (Not `fetch`: some servers send `100 Continue` unasked, which it takes for an answer.) */
export class HttpConnections {
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: 16 });
  readonly #secure = new https.Agent({ keepAlive: true, maxSockets: 16 });

  /** Rejects, as node's calls do, when there is no answer or only a part of one. */
  async send({ method, url, headers, body, asksFirst, timeoutMillis }: HttpRequest): Promise<HttpAnswer> {
    const secure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        url,
        {
          method,
          agent: secure ? this.#secure : this.#plain,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { "content-length": String(body.length) }),
            ...(asksFirst === true ? { expect: "100-continue" } : {}),
          },
        },
        (answer) => {
          const pieces: Buffer[] = [];
          answer.on("data", (piece: Buffer) => pieces.push(piece));
          answer.once("error", reject);
          answer.once("close", () => {
            if (!answer.complete)
              return reject(failure("ECONNRESET", "the connection broke in the middle of the answer"));
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) });
          });
        },
      );
      request.setTimeout(timeoutMillis, () =>
        request.destroy(failure("ETIMEDOUT", `no answer within ${timeoutMillis} ms`)),
      );
      request.once("error", reject);
      const send = (): void => sendBody(request, body);
      if (asksFirst === true) afterConsent(request, send);
      else send();
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

function sendBody(request: http.ClientRequest, body: HttpBody | undefined): void {
  if (body === undefined || body instanceof Uint8Array) request.end(body);
  else pipeline(Readable.from(body.pieces()), request).catch((error: Error) => request.destroy(error));
}

/** Does it once: when the server wants the body, or has been silent. Never after its answer. */
function afterConsent(request: http.ClientRequest, send: () => void): void {
  const timer = setTimeout(wanted, CONSENT_MILLIS);
  function wanted(): void {
    clearTimeout(timer);
    request.off("continue", wanted);
    send();
  }
  function forget(): void {
    clearTimeout(timer);
    request.off("continue", wanted);
  }
  request.once("continue", wanted);
  request.once("close", forget);
  request.once("response", (answer) => {
    forget();
    // A connection on which a body is still owed is of no use any more.
    if (!request.writableEnded) answer.once("end", () => request.destroy());
  });
  // The headers wait for a body otherwise.
  request.flushHeaders();
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Age of an object by the two times that an answer carries; undefined: it does not carry both. */
export function ageOf(changed: string | number | undefined, now: string | undefined): number | undefined {
  if (changed === undefined || now === undefined) return undefined;
  const age = Date.parse(now) - (typeof changed === "number" ? changed : Date.parse(changed));
  return Number.isNaN(age) ? undefined : Math.max(0, age);
}
