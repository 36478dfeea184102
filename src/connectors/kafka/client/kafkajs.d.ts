// The parts of kafkajs 2.2.4 (pinned) that transport.ts reaches into; it has no types for them.
declare module "kafkajs/src/network/connection.js" {
  import type { Socket } from "node:net";
  import type { ConnectionOptions } from "node:tls";

  interface Logger {
    info(message: string, extra?: object): void;
    error(message: string, extra?: object): void;
    warn(message: string, extra?: object): void;
    debug(message: string, extra?: object): void;
    namespace(name: string): Logger;
  }

  interface QueuedRequest {
    readonly entry: {
      readonly apiKey: number;
      readonly apiName: string;
      readonly apiVersion: number;
      readonly correlationId: number;
      resolve(answer: { readonly payload: Buffer }): void;
      reject(error: Error): void;
    };
    readonly expectResponse: boolean;
    readonly requestTimeout: number | null;
    sendRequest(): void;
  }

  interface RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    fulfillRequest(answer: { readonly size: number; readonly correlationId: number; readonly payload: Buffer }): void;
    push(request: QueuedRequest): void;
    rejectAll(error: Error): void;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
    maybeThrottle(millis: number): void;
    destroy(): void;
  }

  interface Connection {
    readonly requestQueue: RequestQueue;
    readonly socket: Socket | undefined;
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
    isConnected(): boolean;
    isAuthenticated(): boolean;
    authenticate(): Promise<void>;
    setVersions(versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    nextCorrelationId(): number;
    /** Of a socket's `data` event. */
    processData(piece: Buffer): void;
  }

  const Connection: new (options: {
    readonly host: string;
    readonly port: number;
    readonly clientId: string;
    readonly logger: Logger;
    readonly ssl: ConnectionOptions | null;
    readonly sasl: object | null;
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly enforceRequestTimeout: boolean;
    socketFactory(options: {
      readonly host: string;
      readonly port: number;
      readonly ssl: ConnectionOptions | null;
      onConnect(): void;
    }): Socket;
  }) => Connection;
  export default Connection;
}
