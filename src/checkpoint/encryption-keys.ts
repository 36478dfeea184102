import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import { invalidOption } from "../base/options.ts";

/** The option that names the keys. */
export const KEY_OPTION = "execution.checkpointing.encryption-key";

const KEY_BYTES = 32;
const FORM = "env:NAME or file:PATH; several, separated by commas: the first writes, all read";
const MAKE = "openssl rand -base64 32";

/** A key for AES-256. Its id says which one it is and nothing about its bytes. */
export interface EncryptionKey {
  readonly id: string;
  /** Shows nothing of itself when it is printed. */
  readonly secret: KeyObject;
}

/** The keys of a job: the first writes, all read. */
export class EncryptionKeys {
  readonly current: EncryptionKey;
  readonly #all: readonly EncryptionKey[];

  constructor(current: EncryptionKey, former: readonly EncryptionKey[] = []) {
    this.current = current;
    this.#all = [current, ...former];
  }

  get ids(): readonly string[] {
    return this.#all.map((key) => key.id);
  }

  find(id: string): EncryptionKey | undefined {
    return this.#all.find((key) => key.id === id);
  }
}

/** The key of that id. Throws ENCRYPTION_KEY, naming `where` and the id; never CHECKPOINT_INVALID, which would pass the checkpoint over. */
export function keyFor(keys: EncryptionKeys | undefined, id: string, where: string): EncryptionKey {
  const found = keys?.find(id);
  if (found !== undefined) return found;
  const given = keys === undefined ? "no key is given" : `the keys that are given are ${keys.ids.join(", ")}`;
  throw new SqlError("ENCRYPTION_KEY", `${where} is encrypted with the key ${id}; ${given}`, {
    hint: `'${KEY_OPTION}' = 'env:NAME' or 'file:PATH' names the key; after a change of keys the former ones follow, separated by commas`,
  });
}

/** Entries of the option's value. Throws OPTION_INVALID, which shows nothing of the value: it may be the key itself. */
export function parseKeyOption(value: string): readonly { readonly kind: "env" | "file"; readonly name: string }[] {
  return value.split(",").map((entry) => {
    const [, kind, name] = /^\s*(env|file):(.*?)\s*$/is.exec(entry) ?? [];
    if (kind === undefined || name === undefined || name === "") throw invalidOption(KEY_OPTION, value, FORM);
    const lower = kind.toLowerCase() as "env" | "file";
    if (lower === "env" && !/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name))
      throw invalidOption(KEY_OPTION, value, FORM, "what stands behind env: is the name of a variable, not the key");
    return { kind: lower, name: lower === "file" ? name.replace(/^\/\/(?=\/)/, "") : name };
  });
}

/** The keys that the option names; undefined: nothing is encrypted. Throws OPTION_INVALID. */
export async function encryptionKeys(value: string | undefined): Promise<EncryptionKeys | undefined> {
  if (value === undefined) return undefined;
  const keys: EncryptionKey[] = [];
  for (const { kind, name } of parseKeyOption(value)) {
    const bytes = kind === "env" ? keyBytes(process.env[name]) : await fileBytes(name);
    if (bytes === undefined) {
      throw new SqlError(
        "OPTION_INVALID",
        `'${KEY_OPTION}' names ${kind === "env" ? `the environment variable ${name}` : `the file ${name}`}, which holds no key: expected ${KEY_BYTES} bytes as base64 or as hexadecimal digits`,
        { hint: `make one with: ${MAKE}` },
      );
    }
    keys.push(keyOf(bytes));
    bytes.fill(0);
  }
  return new EncryptionKeys(keys[0]!, keys.slice(1));
}

/** A key of these 32 bytes. */
export function keyOf(bytes: Uint8Array): EncryptionKey {
  const secret = createSecretKey(bytes);
  return { id: createHmac("sha256", secret).update("millrace key id").digest("hex").slice(0, 16), secret };
}

async function fileBytes(name: string): Promise<Uint8Array | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(name));
  } catch (cause) {
    throw new SqlError(
      "OPTION_INVALID",
      `'${KEY_OPTION}' names the file ${name}, which cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  return bytes.length === KEY_BYTES ? bytes : keyBytes(bytes.toString("latin1"));
}

/** Undefined: these are not 32 bytes. */
function keyBytes(text: string | undefined): Uint8Array | undefined {
  const trimmed = text?.trim() ?? "";
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  return Buffer.from(trimmed, "base64");
}
