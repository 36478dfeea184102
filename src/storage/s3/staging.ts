import { randomBytes } from "node:crypto";
import { inBlocks } from "../blocks.ts";
import type { StagedObject, StagedWrite, Staging } from "../byte-storage.ts";
import { pushedWrite } from "../staging.ts";
import type { S3Client } from "./client.ts";
import { abortUpload, completeUpload, PART_BYTES, sendParts, startUpload } from "./upload.ts";
import { elementsOf, textOf } from "../xml.ts";

/** A multipart upload with all its parts, and the word in the object's metadata that tells it from others. */
interface Token {
  readonly upload: string;
  readonly tags: readonly string[];
  readonly writer: string;
}

/** Objects appear when their multipart upload is completed. */
export class S3Staging implements Staging {
  readonly #client: S3Client;
  readonly #writerHeader: string;
  readonly #isOwn: (path: string, writer: string) => Promise<boolean>;

  /** `isOwn`: whether an object is what this writer made. */
  constructor(client: S3Client, writerHeader: string, isOwn: (path: string, writer: string) => Promise<boolean>) {
    this.#client = client;
    this.#writerHeader = writerHeader;
    this.#isOwn = isOwn;
  }

  async begin(path: string): Promise<StagedWrite> {
    const writer = randomBytes(12).toString("hex");
    const upload = await startUpload(this.#client, path, { [this.#writerHeader]: writer });
    return pushedWrite(
      path,
      async (pieces) => {
        const tags = await sendParts(upload, [], inBlocks(pieces, PART_BYTES));
        const token: Token = { upload: upload.id, tags, writer };
        return { ...token };
      },
      async () => abortUpload(upload),
    );
  }

  async publish({ path, token }: StagedObject): Promise<boolean> {
    const { upload, tags, writer } = token as unknown as Token;
    const { version } = await completeUpload({ client: this.#client, key: path, id: upload }, tags, "*");
    return version !== undefined || (await this.#isOwn(path, writer));
  }

  async *list(prefix: string): AsyncGenerator<StagedObject> {
    let marker: Readonly<Record<string, string>> | undefined = {};
    while (marker !== undefined) {
      const query = { uploads: "", ...(prefix === "" ? {} : { prefix }), ...marker };
      const page: string = (await this.#client.send({ method: "GET", key: "", query })).body.toString();
      for (const item of elementsOf(page, "Upload")) {
        const token: Token = { upload: textOf(item, "UploadId") ?? "", tags: [], writer: "" };
        yield { path: textOf(item, "Key") ?? "", token: { ...token } };
      }
      marker =
        textOf(page, "IsTruncated") === "true"
          ? {
              "key-marker": textOf(page, "NextKeyMarker") ?? "",
              "upload-id-marker": textOf(page, "NextUploadIdMarker") ?? "",
            }
          : undefined;
    }
  }

  async discard({ path, token }: StagedObject): Promise<void> {
    await abortUpload({ client: this.#client, key: path, id: (token as unknown as Token).upload });
  }
}
