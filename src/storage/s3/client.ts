import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { SqlError } from "../../base/errors.ts";
import { HttpConnections, type HttpAnswer } from "../http.ts";
import { Transient, withRetries } from "../retry.ts";
import type { S3Settings } from "./settings.ts";
import { textOf } from "../xml.ts";

/** One request to a bucket. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The object; "" the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** Statuses besides 2xx that the caller understands. */
  readonly accepted?: readonly number[] | undefined;
}

/** An answer, and whether a request before it may have done its work already. */
export interface S3Answer extends HttpAnswer {
  readonly repeated: boolean;
}

/** Statuses of a server that is busy, or of two requests that met at one object. */
const PASSING = new Set([408, 409, 425, 429, 500, 502, 503, 504]);
/** Errors with other statuses that pass. */
const PASSING_CODES = new Set(["RequestTimeout", "SlowDown", "InternalError", "BadDigest", "IncompleteBody"]);
/** What a 404 says of an object or an upload that is not there. */
const MISSING_CODES = new Set(["NoSuchKey", "NoSuchUpload", "NoSuchVersion"]);
const FIRST_DELAY_MILLIS = 100;

/** Signs requests, tries again what may pass, and says in words what went wrong. */
export class S3Client {
  readonly settings: S3Settings;
  readonly #connections = new HttpConnections();

  constructor(settings: S3Settings) {
    this.settings = settings;
  }

  /** Throws IO when the answer is neither 2xx nor accepted. */
  async send(request: S3Request): Promise<S3Answer> {
    const { attempts } = this.settings;
    try {
      return await withRetries({ attempts, firstDelayMillis: FIRST_DELAY_MILLIS }, async (attempt) => ({
        ...(await this.#once(request)),
        repeated: attempt > 1,
      }));
    } catch (error) {
      if (error instanceof SqlError) throw error;
      throw new SqlError("IO", `${this.#what(request)}: ${(error as Error).message}, ${attempts} times`, {
        cause: error,
        retryable: true,
      });
    }
  }

  async #once(request: S3Request): Promise<HttpAnswer> {
    const { method, body, accepted } = request;
    const url = this.#url(request);
    const headers = await this.#signed(request, url);
    let answer: HttpAnswer;
    try {
      answer = await this.#connections.send({ method, url, headers, body, timeoutMillis: this.settings.timeoutMillis });
    } catch (error) {
      throw new Transient((error as Error).message, error);
    }
    const { status } = answer;
    // A 404 may also mean the bucket, or a user: only an object that is not there is understood.
    const understood =
      accepted?.includes(status) === true && (status !== 404 || MISSING_CODES.has(codeOf(answer)) || method === "HEAD");
    if ((status >= 200 && status < 300) || understood) {
      // The work of a long one (completing an upload) may fail after the status was sent.
      if (method === "POST" && status === 200 && answer.body.includes("<Error>")) throw passing(answer);
      return answer;
    }
    if (PASSING.has(status) || PASSING_CODES.has(codeOf(answer))) throw passing(answer);
    throw refused(this.#what(request), answer, this.settings);
  }

  #url({ key, query }: S3Request): URL {
    const { endpoint, bucket, pathStyle } = this.settings;
    const url = new URL(endpoint);
    const path = key.split("/").map(encodeURIComponent).join("/");
    const base = url.pathname.replace(/\/+$/, "");
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = `${base}${pathStyle ? `/${bucket}` : ""}/${path}`;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url;
  }

  async #signed({ method, headers, body }: S3Request, url: URL): Promise<Record<string, string>> {
    const { accessKey, secretKey, sessionToken, region } = this.settings;
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      // The hash is signed with the rest, so that a body that was changed on its way is refused.
      headers: { ...headers, "X-Amz-Content-Sha256": sha256(body ?? new Uint8Array(0)) },
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: "s3",
      region,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    const signed = await signer.sign();
    return Object.fromEntries(signed.headers as unknown as Iterable<[string, string]>);
  }

  #what({ method, key }: S3Request): string {
    return `${method} s3://${this.settings.bucket}/${key}`;
  }

  close(): void {
    this.#connections.close();
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function codeOf({ body }: HttpAnswer): string {
  return textOf(body.toString(), "Code") ?? "";
}

function passing(answer: HttpAnswer): Transient {
  const code = codeOf(answer);
  return new Transient(`the server answers ${answer.status}${code === "" ? "" : ` ${code}`}`);
}

const HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: "make the bucket first: millrace makes none",
  InvalidAccessKeyId: "look at AWS_ACCESS_KEY_ID or 's3.access-key'",
  SignatureDoesNotMatch: "look at AWS_SECRET_ACCESS_KEY or 's3.secret-key', and at the region",
  AuthorizationHeaderMalformed: "look at the region: AWS_REGION or 's3.endpoint.region'",
  PermanentRedirect: "look at the region: AWS_REGION or 's3.endpoint.region'",
  RequestTimeTooSkewed: "the clocks of this machine and the server differ",
  AccessDenied:
    "these credentials need s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket, s3:AbortMultipartUpload",
};

function refused(what: string, answer: HttpAnswer, { bucket }: S3Settings): SqlError {
  const code = codeOf(answer);
  const missing = code === "NoSuchBucket" ? `there is no bucket '${bucket}'` : `the server answers ${answer.status}`;
  return new SqlError("IO", `${what}: ${missing}${code === "" || code === "NoSuchBucket" ? "" : ` ${code}`}`, {
    hint:
      HINTS[code] ??
      (/User|AccessKey/.test(code)
        ? HINTS["InvalidAccessKeyId"]
        : answer.status === 403
          ? HINTS["AccessDenied"]
          : undefined),
  });
}
