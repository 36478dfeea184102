import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/**
 * What happens to a request: `pass`; `error`: 503 without asking the server; `reset`: the connection breaks before;
 * `lost`: the server does it, and the connection breaks before its answer; `silent`: no answer at all; `half`: half of it.
 */
export type Fault = "pass" | "error" | "reset" | "lost" | "silent" | "half";

/** Stands in front of an HTTP server and does to each request what `faultOf` says. */
export class FaultProxy {
  /** Requests so far, those that failed included. */
  requests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    targetPort: number,
    faultOf: (count: number, method: string, path: string) => Fault,
  ): Promise<FaultProxy> {
    const server = createServer((incoming, outgoing) => {
      proxy.requests += 1;
      const fault = faultOf(proxy.requests, incoming.method ?? "", incoming.url ?? "");
      pass(incoming, outgoing, targetPort, fault);
    });
    const proxy = new FaultProxy(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get endpoint(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number, fault: Fault): void {
  incoming.on("error", () => undefined);
  outgoing.on("error", () => undefined);
  if (fault === "silent") return;
  if (fault === "reset") {
    incoming.socket.destroy();
    return;
  }
  if (fault === "error") {
    incoming.resume();
    incoming.on("end", () => outgoing.writeHead(503).end("<Error><Code>SlowDown</Code></Error>"));
    return;
  }
  // The host is signed: it stays the proxy's.
  const { method, url, headers } = incoming;
  const onward = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    if (fault === "lost") {
      answer.resume();
      answer.on("end", () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fault === "pass") {
      answer.pipe(outgoing);
      return;
    }
    answer.once("data", (piece: Buffer) => {
      outgoing.write(piece.subarray(0, Math.ceil(piece.length / 2)));
      setTimeout(() => incoming.socket.destroy(), 5);
    });
    answer.on("end", () => incoming.socket.destroy());
  });
  onward.on("error", () => incoming.socket.destroy());
  incoming.pipe(onward);
}
