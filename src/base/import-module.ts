/** What the bundle of the command line imports with: its code is no module of its own (`cli/compile-cache.ts`). */
declare const BUNDLE_IMPORT: ((specifier: string) => Promise<unknown>) | undefined;

/** `import(specifier)` of a package or URL, on first use. */
export async function importModule<T>(specifier: string): Promise<T> {
  return (await (typeof BUNDLE_IMPORT === "undefined" ? import(specifier) : BUNDLE_IMPORT(specifier))) as T;
}
