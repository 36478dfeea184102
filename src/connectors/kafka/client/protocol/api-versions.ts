import type { Api } from "./request.ts";

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** What a broker can do. */
export interface BrokerFeatures {
  readonly error: number;
  readonly versions: ReadonlyMap<number, VersionRange>;
  /** Levels of features that the whole cluster has agreed on (`transaction.version`, ...). */
  readonly features: ReadonlyMap<string, number>;
}

/** Comes before everything else on a connection, before authentication as well. */
export const apiVersions: Api<{ readonly softwareVersion: string }, BrokerFeatures> = {
  key: 18,
  name: "ApiVersions",
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { softwareVersion }, version) {
    if (version >= 3) writer.compactString("millrace").compactString(softwareVersion).noTags();
  },
  decode(reader, version) {
    const error = reader.int16();
    const versions = new Map<number, VersionRange>();
    const features = new Map<string, number>();
    // A broker that does not know the version answers in version 0, whose list says what it does know.
    const flexible = version >= 3 && error === 0;
    const read = (): void => {
      versions.set(reader.int16(), { min: reader.int16(), max: reader.int16() });
      if (flexible) reader.tags();
    };
    if (!flexible) {
      reader.array(read);
      return { error, versions, features };
    }
    reader.compactArray(read);
    reader.int32();
    reader.tags((tag) => {
      if (tag !== FINALIZED_FEATURES) return;
      reader.compactArray(() => {
        const name = reader.compactString();
        features.set(name, reader.int16());
        reader.int16();
        reader.tags();
      });
    });
    return { error, versions, features };
  },
};

const FINALIZED_FEATURES = 2;
