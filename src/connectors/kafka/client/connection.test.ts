// What goes wrong before and on a connection, with servers that are no brokers: every case is a clear error, and soon.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { connectKafka } from "./index.ts";
import { WireWriter } from "./protocol/wire.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server that answers each request (its API key, correlation id) as told. */
async function serverOf(onData: (socket: Socket, apiKey: number, correlationId: number) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => onData(socket, data.readInt16BE(4), data.readInt32BE(8)));
  });
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(socket: Socket, correlationId: number, body: WireWriter): void {
  const content = Buffer.concat(body.chunks());
  const head = new WireWriter().int32(content.length + 4).int32(correlationId);
  socket.write(Buffer.concat([...head.chunks(), content]));
}

/** A broker that can do a few things (API versions in the old form). */
function versions(...keys: readonly (readonly [key: number, min: number, max: number])[]): WireWriter {
  const writer = new WireWriter().int16(35);
  return writer.array(keys, ([key, min, max]) => writer.int16(key).int16(min).int16(max));
}

const QUICK = {
  "socket.connection.setup.timeout.ms": "300",
  "request.timeout.ms": "300",
  "default.api.timeout.ms": "700",
};

function connectTo(bootstrap: string, properties: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return connectKafka({ ...QUICK, "bootstrap.servers": bootstrap, ...properties }, { deadlineMillis: 600 });
}

describe("connections that do not come about", () => {
  test("nothing listens there", async () => {
    await expect(connectTo("127.0.0.1:1")).rejects.toMatchObject({
      code: "CONNECTOR_UNAVAILABLE",
      message: expect.stringContaining(
        "no connection to Kafka at 127.0.0.1:1: nothing listens there (ECONNREFUSED)",
      ) as string,
      hint: expect.stringContaining("properties.bootstrap.servers") as string,
      retryable: true,
    });
  });

  test("an unknown host", async () => {
    await expect(connectTo("no-such-host.invalid:9092")).rejects.toMatchObject({
      message: expect.stringMatching(
        /at no-such-host\.invalid:9092: the host name (is not known|cannot be looked up)/,
      ) as string,
    });
  });

  test("a web server", async () => {
    const address = await serverOf((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringContaining(`${address} answers as a web server, not as a Kafka broker`) as string,
    });
  });

  test("a server that says nothing", async () => {
    const address = await serverOf(() => {});
    const started = performance.now();
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`${address} (gave no answer to ApiVersions )?in 0\\.3 s`)) as string,
    });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("a server that closes at once may want TLS", async () => {
    const address = await serverOf((socket) => socket.end());
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringContaining(`the connection to Kafka at ${address} was lost`) as string,
      hint: expect.stringContaining("properties.security.protocol") as string,
    });
  });

  test("the second address of bootstrap.servers is tried", async () => {
    const address = await serverOf((socket, key, id) => {
      answer(socket, id, key === 18 ? versions([18, 0, 0], [3, 0, 1]) : new WireWriter());
    });
    await expect(connectTo(`127.0.0.1:1,${address}`)).rejects.toMatchObject({ fault: "UNSUPPORTED_VERSION" });
  });
});

describe("brokers that misbehave", () => {
  test("a broker that is too old is told by what it lacks", async () => {
    const address = await serverOf((socket, key, id) => {
      answer(socket, id, key === 18 ? versions([18, 0, 0], [3, 0, 1]) : new WireWriter());
    });
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringContaining("cannot answer Metadata in version 4 to 7: it has versions 0 to 1") as string,
      hint: expect.stringContaining("2.4") as string,
      retryable: false,
    });
  });

  test("an answer that ends too soon is an error, not a wait", async () => {
    const address = await serverOf((socket, key, id) => {
      answer(socket, id, key === 18 ? versions([18, 0, 3], [3, 4, 7]) : new WireWriter().int32(0).int32(1));
    });
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringMatching(
        /the answer to Metadata .* cannot be read: it ends after 8 bytes|a list of 1 elements/,
      ) as string,
    });
  });

  test("a list that claims to be endless is an error, not memory", async () => {
    const address = await serverOf((socket, key, id) => {
      answer(socket, id, key === 18 ? versions([18, 0, 3], [3, 4, 7]) : new WireWriter().int32(0).int32(2_000_000_000));
    });
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringContaining("a list of 2000000000 elements") as string,
    });
  });

  test("a request without an answer ends in time, and says which", async () => {
    const address = await serverOf((socket, key, id) => {
      if (key === 18) answer(socket, id, versions([18, 0, 3], [3, 4, 7]));
    });
    await expect(connectTo(address)).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(`Kafka at ${address} gave no answer to Metadata in 0\\.\\d s`),
      ) as string,
      hint: expect.stringContaining("request.timeout.ms") as string,
    });
  });

  test("an advertised address that cannot be reached from here is explained", async () => {
    const address = await serverOf((socket, key, id) => {
      if (key === 18) {
        answer(socket, id, versions([18, 0, 3], [3, 4, 7], [2, 2, 5]));
        return;
      }
      const body = new WireWriter().int32(0).int32(1).int32(5).string("127.0.0.1").int32(1).nullableString(undefined);
      body.nullableString(undefined).int32(5).int32(1).int16(0).string("t").boolean(false);
      body.int32(1).int16(0).int32(0).int32(5).int32(0).int32(0).int32(0).int32(0);
      answer(socket, id, body);
    });
    const client = await connectKafka({ ...QUICK, "bootstrap.servers": address });
    const asked = client.offsets([{ topic: "t", partition: 0 }], "latest", "read_committed");
    await expect(asked).rejects.toMatchObject({
      message: expect.stringContaining(
        `broker 5 of the cluster at ${address} says that it is reached at 127.0.0.1:1`,
      ) as string,
      hint: expect.stringContaining("advertised.listeners") as string,
    });
    await client.close();
  });

  test("an abort ends a connection that is being made", async () => {
    const address = await serverOf(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("stopped")), 30);
    const connecting = connectKafka({ "bootstrap.servers": address }, { signal: stop.signal });
    await expect(connecting).rejects.toThrow("stopped");
  });
});
