import { SqlError } from "../../base/errors.ts";
import { HttpConnections, type HttpAnswer, type HttpBody } from "../http.ts";
import { Transient, withRetries } from "../retry.ts";
import { failureOf, unreachable, type Failure } from "./failures.ts";
import type { HdfsSettings } from "./settings.ts";

/** One operation of WebHDFS. */
export interface HdfsRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** CREATE, OPEN, …. */
  readonly operation: string;
  /** Path in HDFS, from its top on. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Goes to the datanode that the namenode names. */
  readonly body?: HttpBody | undefined;
  /** Exceptions of the server that the caller understands. */
  readonly accepted?: readonly string[] | undefined;
}

/** An answer, and whether a request before it may have done its work already. */
export interface HdfsAnswer extends HttpAnswer {
  readonly repeated: boolean;
  /** An accepted one. */
  readonly failure: Failure | undefined;
}

const FIRST_DELAY_MILLIS = 100;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends requests to the namenode and from there to datanodes, tries again what may pass, and says in words what went wrong. */
export class HdfsClient {
  readonly settings: HdfsSettings;
  readonly #connections = new HttpConnections();
  /** Of the namenodes: the one that answered last. */
  #active = 0;

  constructor(settings: HdfsSettings) {
    this.settings = settings;
  }

  /** Throws IO when the answer is neither 2xx nor accepted, UNSUPPORTED when the server wants Kerberos. */
  async send(request: HdfsRequest): Promise<HdfsAnswer> {
    return await this.sendEach(() => request);
  }

  /** The same, with a request for each attempt (from 1 on). */
  async sendEach(requestOf: (attempt: number) => HdfsRequest): Promise<HdfsAnswer> {
    const { attempts } = this.settings;
    try {
      return await withRetries({ attempts, firstDelayMillis: FIRST_DELAY_MILLIS }, async (attempt) => ({
        ...(await this.#once(requestOf(attempt))),
        repeated: attempt > 1,
      }));
    } catch (error) {
      if (error instanceof SqlError) throw error;
      const { message } = error as Error;
      const times = attempts === 1 ? "" : `, ${attempts} times`;
      throw new SqlError("IO", `${this.#what(requestOf(attempts))}: ${message}${times}`, {
        cause: error,
        retryable: true,
      });
    }
  }

  async #once(request: HdfsRequest): Promise<HttpAnswer & { readonly failure: Failure | undefined }> {
    const answer = await this.#answered(request);
    const { status } = answer;
    if (status >= 200 && status < 300) return { ...answer, failure: undefined };
    const failure = failureOf(answer);
    if (request.accepted?.includes(failure.exception) === true && !failure.passes) return { ...answer, failure };
    if (failure.passes) {
      if (failure.elsewhere) this.#turn();
      throw new Transient(failure.text);
    }
    throw new SqlError(failure.code, `${this.#what(request)}: ${failure.text}`, { hint: failure.hint });
  }

  /** The namenode's answer, or that of the datanode which it names. */
  async #answered(request: HdfsRequest): Promise<HttpAnswer> {
    const { method, body } = request;
    const first = await this.#to(this.#url(request), method, undefined);
    if (!REDIRECTS.has(first.status)) {
      if (body !== undefined && first.status < 300)
        throw new SqlError("UNSUPPORTED", `${this.#what(request)}: the server names no datanode (is it HttpFS?)`, {
          hint: "name the namenode's own WebHDFS in 'dfs.namenode.http-address'",
        });
      return first;
    }
    const { location = "" } = first.headers;
    if (!URL.canParse(location)) throw new Transient("the namenode answers without the datanode's address");
    return await this.#to(new URL(location), method, body);
  }

  async #to(url: URL, method: string, body: HttpBody | undefined): Promise<HttpAnswer> {
    const isNamenode = url.host === this.settings.namenodes[this.#active]?.host;
    try {
      return await this.#connections.send({
        method,
        url,
        // Where cross-site requests are guarded against, a header of that name has to be there.
        headers: body === undefined ? { "x-xsrf-header": "" } : { "content-type": "application/octet-stream" },
        body: method === "PUT" ? (body ?? new Uint8Array(0)) : undefined,
        asksFirst: body !== undefined,
        timeoutMillis: this.settings.timeoutMillis,
      });
    } catch (error) {
      if (isNamenode) this.#turn();
      throw unreachable(url, isNamenode, error as Error);
    }
  }

  /** The next attempt goes to the next namenode. */
  #turn(): void {
    this.#active = (this.#active + 1) % this.settings.namenodes.length;
  }

  #url({ operation, path, query }: HdfsRequest): URL {
    const { namenodes, user, token } = this.settings;
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const who = token === undefined ? { "user.name": user } : { delegation: token };
    const words = Object.entries({ op: operation, ...who, ...query }).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    return new URL(`/webhdfs/v1${encoded === "" ? "/" : encoded}?${words.join("&")}`, namenodes[this.#active]);
  }

  #what({ operation, path }: HdfsRequest): string {
    return `${operation} ${this.settings.name}${path}`;
  }

  close(): void {
    this.#connections.close();
  }
}
