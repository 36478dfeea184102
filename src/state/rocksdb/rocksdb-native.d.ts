/** The package has no types; `binding.ts` says what of it is used. */
declare module "rocksdb-native" {
  const binding: unknown;
  export default binding;
}
