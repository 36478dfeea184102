import type { ByteStorage } from "./byte-storage.ts";

/** A folder in a storage. */
export interface Place {
  readonly storage: ByteStorage;
  /** Path in the storage, without `/` at the ends; "" the top. */
  readonly path: string;
  /** As its users write it: `s3://bucket/folder`. No secrets. */
  readonly location: string;
}

/** A folder or an object in the place. */
export function within({ storage, path, location }: Place, ...names: readonly string[]): Place {
  const below = names.join("/");
  return { storage, path: path === "" ? below : `${path}/${below}`, location: `${location}/${below}` };
}
