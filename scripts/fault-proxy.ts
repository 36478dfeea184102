import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/**
 * What happens to a request: `pass`; `error`: 503 without asking the server; `reset`: the connection breaks before;
 * `lost`: the server does it, and the connection breaks before its answer; `silent`: no answer at all; `half`: half of it.
 */
export type Fault = "pass" | "error" | "reset" | "lost" | "silent" | "half";

/** In front of a path: the port to which it goes on from the proxy. */
const OTHER_PORT = /^\/@(\d+)(?=\/)/;

/**
 * Stands in front of an HTTP server of this machine and does to each request what `faultOf` says. Where the server sends
 * its clients elsewhere, they come through the proxy again.
 */
export class FaultProxy {
  /** Requests so far, those that failed included. */
  requests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `before`: what is done before a request goes on. */
  static async start(
    targetPort: number,
    faultOf: (count: number, method: string, path: string) => Fault,
    before: (path: string) => Promise<void> = async () => undefined,
  ): Promise<FaultProxy> {
    const server = createServer((incoming, outgoing) => {
      proxy.requests += 1;
      const { method = "", url = "" } = incoming;
      const port = Number(OTHER_PORT.exec(url)?.[1] ?? targetPort);
      const onward = { port, method, path: url.replace(OTHER_PORT, ""), proxy: proxy.endpoint };
      const fault = faultOf(proxy.requests, method, onward.path);
      void before(onward.path).then(() => pass(incoming, outgoing, onward, fault));
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

interface Onward {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** URL of the proxy. */
  readonly proxy: string;
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, onward: Onward, fault: Fault): void {
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
  const { port, method, path, proxy } = onward;
  const asked = request({ host: "127.0.0.1", port, method, path, headers: incoming.headers }, (answer) => {
    if (fault === "lost") {
      answer.resume();
      answer.on("end", () => incoming.socket.destroy());
      return;
    }
    const { location } = answer.headers;
    const redirected = location?.replace(/^http:\/\/[^/]*:(\d+)\//, `${proxy}/@$1/`);
    const headers = redirected === undefined ? answer.headers : { ...answer.headers, location: redirected };
    outgoing.writeHead(answer.statusCode ?? 500, headers);
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
  asked.on("error", () => incoming.socket.destroy());
  incoming.pipe(asked);
}
