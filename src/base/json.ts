/** Plain JSON data: positions, committables, metadata. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
