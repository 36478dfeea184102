import { connect as connectPlain, isIP, type Socket } from "node:net";
import type KafkajsConnection from "kafkajs/src/network/connection.js";
import { assert } from "../../../base/assert.ts";
import { importModule } from "../../../base/import-module.ts";
import { lazyBuiltin } from "../../../base/lazy-builtin.ts";
import type { AnswerBuffers } from "./answer-buffers.ts";
import { FrameAssembler } from "./frames.ts";
import { connectionFailed, connectionLost, noAnswer } from "./connection-errors.ts";
import { KafkaError } from "./errors.ts";
import { apiVersions, type BrokerFeatures } from "./protocol/api-versions.ts";
import { WireReader, WireWriter } from "./protocol/wire.ts";
import { addressText, type Address, type ClientSettings } from "./settings.ts";

export type Log = (level: "error" | "warn" | "info" | "debug", message: string) => void;

/** A request in bytes, without its header. */
export interface Frame {
  readonly key: number;
  readonly name: string;
  readonly version: number;
  /** The longer header of flexible versions. */
  readonly flexible: boolean;
  readonly answers: boolean;
  /** Not copied: unchanged until the promise settles. */
  readonly body: readonly Uint8Array[];
}

/** One authenticated connection to one broker. */
export interface WireConnection {
  readonly open: boolean;
  readonly features: BrokerFeatures;
  /** The answer behind its correlation id. Rejects with a KafkaError; after a timeout the connection is closed. */
  request(frame: Frame, timeoutMillis: number): Promise<Uint8Array>;
  /** No requests for so long, as a quota of the broker asks. */
  throttle(millis: number): void;
  /** Requests under way fail with the error. */
  close(error: KafkaError): void;
}

/** How connections are made. The one of kafkajs stands here; another one needs nothing else. */
export interface Transport {
  connect(address: Address, settings: ClientSettings, buffers: AnswerBuffers, log: Log): Promise<WireConnection>;
}

/** Sockets, TLS, SASL and the order of answers by kafkajs' connection class, and nothing else of it; loaded on first use. */
export const kafkajsTransport: Transport = {
  async connect(address, settings, buffers, log) {
    const { default: Connection } = await importModule<{ readonly default: typeof KafkajsConnection }>(
      "kafkajs/src/network/connection.js",
    );
    let socket: Socket | undefined;
    let cause: Error | undefined;
    const connection = new Connection({
      host: address.host,
      port: address.port,
      clientId: settings.clientId,
      logger: loggerFor(log, addressText(address)),
      ssl: settings.tls ?? null,
      sasl: saslOf(settings),
      connectionTimeout: settings.connectTimeoutMillis,
      requestTimeout: settings.requestTimeoutMillis,
      // Its timer would run ten times a second for each connection; request() has its own.
      enforceRequestTimeout: false,
      socketFactory: ({ onConnect }) => {
        socket = openSocket(address, settings, onConnect, (piece) => connection.processData(piece));
        // kafkajs wraps it, which loses what it was.
        socket.once("error", (error) => (cause = error));
        return socket;
      },
    });
    const frames = new FrameAssembler((answer) => connection.requestQueue.fulfillRequest(answer), buffers);
    connection.processData = (piece) => frames.push(piece);
    withoutIdleTimer(connection);
    const wire = new KafkajsWire(connection, address, settings);
    const timer = setTimeout(() => socket?.destroy(timedOut(address, settings)), settings.connectTimeoutMillis);
    try {
      await connection.connect();
      await wire.shakeHands();
      return wire;
    } catch (error) {
      const failure = connectionFailed(cause ?? error, address, settings);
      wire.close(failure);
      socket?.destroy();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  },
};

class KafkajsWire implements WireConnection {
  features: BrokerFeatures = { error: 0, versions: new Map(), features: new Map() };
  private readonly connection: KafkajsConnection;
  private readonly address: Address;
  private readonly settings: ClientSettings;
  private closed = false;
  private proven = false;

  constructor(connection: KafkajsConnection, address: Address, settings: ClientSettings) {
    this.connection = connection;
    this.address = address;
    this.settings = settings;
  }

  get open(): boolean {
    return !this.closed && this.connection.isConnected();
  }

  /** Learns what the broker can, then authenticates. */
  async shakeHands(): Promise<void> {
    let features = await this.askFeatures(apiVersions.maxVersion);
    if (features.error !== 0) features = await this.askFeatures(apiVersions.minVersion);
    this.features = features;
    const ranges = [...features.versions].map(([key, { min, max }]) => [key, { minVersion: min, maxVersion: max }]);
    this.connection.setVersions(
      Object.fromEntries(ranges) as Record<number, { minVersion: number; maxVersion: number }>,
    );
    this.connection.setSupportAuthenticationProtocol(features.versions.has(SASL_AUTHENTICATE));
    await this.connection.authenticate();
  }

  async request(frame: Frame, timeoutMillis: number): Promise<Uint8Array> {
    try {
      // Also when the broker's limit of a session's age is near.
      if (this.settings.sasl !== undefined && !this.connection.isAuthenticated()) await this.connection.authenticate();
    } catch (error) {
      throw connectionFailed(error, this.address, this.settings);
    }
    return this.exchange(frame, timeoutMillis);
  }

  throttle(millis: number): void {
    this.connection.requestQueue.maybeThrottle(millis);
  }

  close(error: KafkaError): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.requestQueue.rejectAll(error);
    // At once: what waits to be written points into memory that its owner may now use for something else.
    this.connection.socket?.destroy();
    void this.connection.disconnect();
  }

  private async askFeatures(version: number): Promise<BrokerFeatures> {
    const body = new WireWriter();
    apiVersions.encode(body, { softwareVersion: SOFTWARE_VERSION }, version);
    const { key, name } = apiVersions;
    const flexible = version >= apiVersions.flexibleFrom;
    const frame = { key, name, version, flexible, answers: true, body: body.chunks() };
    const answer = await this.exchange(frame, this.settings.connectTimeoutMillis);
    const reader = new WireReader(answer, `ApiVersions of ${addressText(this.address)}`);
    return apiVersions.decode(reader, version, { softwareVersion: "" });
  }

  private exchange(frame: Frame, timeoutMillis: number): Promise<Uint8Array> {
    const { connection } = this;
    if (!this.open) return Promise.reject(connectionLost("it is closed", this.address, this.proven));
    return new Promise((resolve, reject) => {
      const correlationId = connection.nextCorrelationId();
      const timer = setTimeout(() => {
        this.close(noAnswer(frame.name, timeoutMillis, this.address));
      }, timeoutMillis);
      connection.requestQueue.push({
        entry: {
          apiKey: frame.key,
          apiName: frame.name,
          apiVersion: frame.version,
          correlationId,
          resolve: ({ payload }) => {
            clearTimeout(timer);
            this.proven ||= frame.key !== apiVersions.key;
            resolve(payload ?? NOTHING);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error instanceof KafkaError ? error : connectionLost(error.message, this.address, this.proven));
          },
        },
        expectResponse: frame.answers,
        requestTimeout: null,
        sendRequest: () => this.write(frame, correlationId),
      });
    });
  }

  private write(frame: Frame, correlationId: number): void {
    const { socket } = this.connection;
    assert(socket !== undefined, "a connection that is open has a socket");
    const head = new WireWriter(64);
    head.int32(0).int16(frame.key).int16(frame.version).int32(correlationId).string(this.settings.clientId);
    if (frame.flexible) head.noTags();
    const length = frame.body.reduce((sum, chunk) => sum + chunk.length, head.byteLength() - 4);
    const [first, ...rest] = [...head.chunks(), ...frame.body];
    assert(first !== undefined, "a frame has a header");
    Buffer.from(first.buffer, first.byteOffset, first.byteLength).writeInt32BE(length, 0);
    socket.cork();
    socket.write(first);
    for (const chunk of rest) socket.write(chunk);
    socket.uncork();
  }
}

const SASL_AUTHENTICATE = 36;
/** Shown in the metrics of brokers. */
const SOFTWARE_VERSION = "1";
const NOTHING = new Uint8Array(0);

/** Plain sockets read into one buffer, whose pieces go to `onPiece`; those of TLS tell kafkajs of data themselves. */
function openSocket(
  address: Address,
  { tls }: ClientSettings,
  onConnect: () => void,
  onPiece: (piece: Buffer) => void,
): Socket {
  const { host, port } = address;
  let first = true;
  const look = (piece: Buffer): void => {
    if (!first) return;
    first = false;
    // The size that a Kafka answer starts with is far below these; gigabytes would be waited for.
    const error = otherProtocol(piece, address);
    if (error !== undefined) socket.destroy(error);
  };
  const read = (length: number, buffer: Uint8Array): boolean => {
    const piece = Buffer.from(buffer.buffer, buffer.byteOffset, length);
    look(piece);
    if (!socket.destroyed) onPiece(piece);
    return true;
  };
  // Brokers are named in certificates; SNI takes names only.
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    tls === undefined
      ? connectPlain({ host, port, onread: { buffer: new Uint8Array(READ_BYTES), callback: read } }, onConnect)
      : lazyBuiltin.tls().connect({ host, port, ...name, ...tls }, onConnect);
  if (tls !== undefined) socket.once("data", look);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MILLIS);
  return socket;
}

const READ_BYTES = 1 << 18;
const KEEP_ALIVE_MILLIS = 60_000;

function otherProtocol(data: Buffer, address: Address): KafkaError | undefined {
  const web = data.subarray(0, 5).toString("latin1") === "HTTP/";
  const tls = data[0] === 0x15 && data[1] === 0x03;
  if (!web && !tls) return undefined;
  const what = web ? "a web server" : "a TLS server";
  return new KafkaError("CONNECTION_FAILED", `${addressText(address)} answers as ${what}, not as a Kafka broker`, {
    hint: web
      ? "Check the port in 'properties.bootstrap.servers'."
      : "Set 'properties.security.protocol' to SSL or SASL_SSL for this port.",
    repetition: "never",
  });
}

function timedOut(address: Address, settings: ClientSettings): KafkaError {
  const seconds = settings.connectTimeoutMillis / 1000;
  return new KafkaError("CONNECTION_FAILED", `no connection to Kafka at ${addressText(address)} in ${seconds} s`, {
    hint: "Check the address and that no firewall drops packets on the way ('properties.bootstrap.servers').",
  });
}

function saslOf({ sasl }: ClientSettings): object | null {
  if (sasl === undefined) return null;
  if (sasl.mechanism === "OAUTHBEARER") return { mechanism: sasl.mechanism, oauthBearerProvider: () => sasl.token() };
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
}

/** kafkajs looks at its queue every millisecond even when nothing waits, 2 % of a core for each idle pipeline. */
function withoutIdleTimer({ requestQueue: queue }: KafkajsConnection): void {
  queue.scheduleCheckPendingRequests = () => {
    if (queue.throttleCheckTimeoutId !== null || queue.pending.length === 0) return;
    const waitMillis = Math.max(queue.throttledUntil - Date.now(), 10);
    queue.throttleCheckTimeoutId = setTimeout(() => {
      queue.throttleCheckTimeoutId = null;
      queue.checkPendingRequests();
    }, waitMillis);
  };
}

interface KafkajsLogger {
  info(message: string): void;
  error(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
  namespace(): KafkajsLogger;
}

/** Failures are thrown to whom they concern: what kafkajs calls an error is news of a connection here. */
function loggerFor(log: Log, broker: string): KafkajsLogger {
  const tell = (message: string): void => log("debug", `${broker}: ${message}`);
  const logger: KafkajsLogger = { info: tell, error: tell, warn: tell, debug: () => {}, namespace: () => logger };
  return logger;
}
