import type { BrokerAddress } from "./metadata.ts";
import type { Api, Throttled } from "./request.ts";

export type CoordinatorKind = "group" | "transaction";

export interface FoundCoordinator extends Throttled {
  readonly error: number;
  readonly message: string | undefined;
  readonly broker: BrokerAddress;
}

export const findCoordinator: Api<{ readonly kind: CoordinatorKind; readonly key: string }, FoundCoordinator> = {
  key: 10,
  name: "FindCoordinator",
  minVersion: 1,
  maxVersion: 2,
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { kind, key }) {
    writer.string(key).int8(kind === "transaction" ? 1 : 0);
  },
  decode: (reader) => ({
    throttleMillis: reader.int32(),
    error: reader.int16(),
    message: reader.nullableString(),
    broker: { id: reader.int32(), host: reader.string(), port: reader.int32() },
  }),
};
