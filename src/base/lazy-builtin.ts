/**
 * Modules of Node that few jobs need and that take long to load (TLS and HTTP: as long as everything else of a start):
 * loaded when they are asked for.
 */
export const lazyBuiltin = {
  http: () => process.getBuiltinModule("node:http"),
  https: () => process.getBuiltinModule("node:https"),
  tls: () => process.getBuiltinModule("node:tls"),
} as const;
