import { createRequire } from "node:module";

/** The version in package.json. */
export function millraceVersion(): string {
  return (createRequire(import.meta.url)("millrace/package.json") as { readonly version: string }).version;
}
