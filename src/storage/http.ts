import * as http from "node:http";
import * as https from "node:https";

/** A request whose body, if there is one, lies in memory. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
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
  async send({ method, url, headers, body, timeoutMillis }: HttpRequest): Promise<HttpAnswer> {
    const secure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        url,
        {
          method,
          agent: secure ? this.#secure : this.#plain,
          headers: body === undefined ? headers : { ...headers, "content-length": String(body.length) },
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
      request.end(body);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
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
