import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

/** What the registry does with a request instead of answering it. */
export type Misbehaviour = "500" | "429" | "reset" | "hang" | "page" | "huge";

interface Stored {
  readonly schema: string;
  readonly schemaType?: string | undefined;
  readonly references?: unknown;
}

/** The part of Confluent's REST interface that the formats use, in this process; and what can go wrong with one. */
export class FakeRegistry {
  readonly requests: string[] = [];
  /** For the next requests, in order. */
  readonly misbehave: Misbehaviour[] = [];
  /** The only `Authorization` that is let in. */
  authorization: string | undefined;
  /** Subjects that take no further schema. */
  readonly closed = new Set<string>();
  private readonly schemas: Stored[] = [];
  private readonly subjects = new Map<string, number[]>();
  private readonly server: Server;
  private readonly secure: boolean;

  private constructor(tls: ServerOptions | undefined) {
    this.secure = tls !== undefined;
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  }

  static async start(tls?: ServerOptions): Promise<FakeRegistry> {
    const registry = new FakeRegistry(tls);
    await new Promise<void>((resolve) => {
      registry.server.listen(0, "127.0.0.1", resolve);
    });
    return registry;
  }

  get url(): string {
    return `${this.secure ? "https" : "http"}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const fault = this.misbehave.shift();
    if (fault === "reset") return void request.socket.destroy();
    if (fault === "hang") return;
    if (fault === "page") return void response.writeHead(404).end("<html>no such page</html>");
    if (fault === "huge") return void response.writeHead(200).end(Buffer.alloc(17 << 20, 32));
    if (fault !== undefined) return reply(response, Number(fault), { message: "not now" });
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization)
      return reply(response, 401, { error_code: 401, message: "Unauthorized" });
    const path = (request.url ?? "").split("/").slice(1).map(decodeURIComponent);
    if (request.method === "POST")
      return this.register(response, path[1]!, JSON.parse(Buffer.concat(pieces).toString()) as Stored);
    if (path[0] === "schemas") {
      const stored = this.schemas[Number(path[2]) - 1];
      if (stored === undefined) return reply(response, 404, { error_code: 40403, message: "Schema not found" });
      return reply(response, 200, stored);
    }
    const id = this.subjects.get(path[1]!)?.[Number(path[3]) - 1];
    if (id === undefined) return reply(response, 404, { error_code: 40401, message: "Subject not found" });
    return reply(response, 200, { id, ...this.schemas[id - 1]! });
  }

  private register(response: ServerResponse, subject: string, { schema, schemaType, references }: Stored): void {
    const ids = this.subjects.get(subject) ?? [];
    this.subjects.set(subject, ids);
    const known = this.schemas.findIndex((one) => one.schema === schema) + 1;
    if (known > 0 && ids.includes(known)) return reply(response, 200, { id: known });
    if (this.closed.has(subject))
      return reply(response, 409, { error_code: 409, message: "Schema being registered is incompatible" });
    const id = known > 0 ? known : this.schemas.push({ schema, schemaType, references });
    ids.push(id);
    return reply(response, 200, { id });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" }).end(JSON.stringify(body));
}
