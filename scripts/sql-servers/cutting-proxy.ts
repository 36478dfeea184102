import { connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of bytes on their way to the server: they pass; or the connection breaks before them, or before the answer to them. */
export type Cut = "pass" | "before" | "lost";

/** Stands in front of a database server and breaks connections as `cutOf` says, which sees all that is sent to the server. */
export class CuttingProxy {
  /** Connections that were broken. */
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number, cutOf: (sent: Buffer) => Cut): Promise<CuttingProxy> {
    const server = createServer((client) => proxy.#pass(client, targetPort, cutOf));
    const proxy = new CuttingProxy(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  /** Breaks all connections that there are. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(client: Socket, port: number, cutOf: (sent: Buffer) => Cut): void {
    const server = connect(port, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    let lost = false;
    client.on("data", (sent: Buffer) => {
      const cut = cutOf(sent);
      if (cut !== "pass") this.cuts += 1;
      if (cut === "lost") lost = true;
      if (cut === "before") client.destroy();
      else server.write(sent);
    });
    server.on("data", (answer: Buffer) => {
      if (lost) client.destroy();
      else client.write(answer);
    });
  }
}
