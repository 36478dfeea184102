import type { Api, Throttled } from "./request.ts";

export interface ConfigRequest {
  readonly kind: "topic" | "broker";
  /** Topic, or broker id. */
  readonly resource: string;
  readonly names: readonly string[];
}

export interface ConfigAnswer extends Throttled {
  readonly error: number;
  readonly message: string | undefined;
  readonly values: ReadonlyMap<string, string>;
}

export const describeConfigs: Api<ConfigRequest, ConfigAnswer> = {
  key: 32,
  name: "DescribeConfigs",
  minVersion: 1,
  maxVersion: 2,
  flexibleFrom: 4,
  lane: "control",
  encode(writer, { kind, resource, names }) {
    writer.array([resource], (name) => {
      writer
        .int8(kind === "topic" ? 2 : 4)
        .string(name)
        .array(names, (key) => writer.string(key));
    });
    writer.boolean(false);
  },
  decode(reader) {
    const throttleMillis = reader.int32();
    const values = new Map<string, string>();
    const resources = reader.array(() => {
      const head = { error: reader.int16(), message: reader.nullableString() };
      reader.int8();
      reader.string();
      reader.array(() => {
        const name = reader.string();
        const value = reader.nullableString();
        if (value !== undefined) values.set(name, value);
        reader.boolean();
        reader.int8();
        reader.boolean();
        reader.array(() => {
          reader.string();
          reader.nullableString();
          reader.int8();
        });
      });
      return head;
    });
    return { throttleMillis, error: 0, message: undefined, ...resources[0], values };
  },
};
