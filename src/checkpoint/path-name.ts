import { crc32 } from "./checksum.ts";

/** Longest name, so that all file systems take it with room for what is appended. */
const MAX_LENGTH = 160;

/** A name as one path component that any file system takes: other characters as %XX of their UTF-8 bytes; reversible unless cut. */
export function pathName(name: string): string {
  let out = "";
  for (const byte of Buffer.from(name)) {
    const char = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(char) || (char === "." && out !== "");
    out += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  if (out === "") return "%";
  if (out.length <= MAX_LENGTH) return out;
  const hash = crc32(Buffer.from(name)).toString(16).padStart(8, "0");
  return `${out.slice(0, MAX_LENGTH - 9).replace(/%.?$/, "")}~${hash}`;
}
