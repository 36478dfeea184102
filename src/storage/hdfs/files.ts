import { SqlError } from "../../base/errors.ts";
import { ageOf, type HttpBody } from "../http.ts";
import type { HdfsClient, HdfsAnswer } from "./client.ts";

/** A file or a folder as the namenode knows it. */
export interface FileStatus {
  /** Number of the inode: stays with it when it is renamed, and is given to no other ever again. */
  readonly id: string;
  /** In a list: the name; otherwise "". */
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
  /** Of a folder: how much lies directly in it. */
  readonly children: number;
  readonly ageMillis: number | undefined;
}

/** The namenode's form of it. */
interface JsonStatus {
  readonly fileId?: number;
  readonly pathSuffix: string;
  readonly type: string;
  readonly length: number;
  readonly childrenNum: number;
  readonly modificationTime: number;
}

/** What became of a renaming. `missing`: there is nothing to rename, or no folder for it. */
type Renamed = "done" | "exists" | "missing";

const MISSING = "FileNotFoundException";
const EXISTS = "FileAlreadyExistsException";
const NOT_EMPTY = "PathIsNotEmptyDirectoryException";

/** Operations on files by their full path. Each is one step of the namenode, which all others see before or after it. */
export class HdfsFiles {
  readonly #client: HdfsClient;

  constructor(client: HdfsClient) {
    this.#client = client;
  }

  /** Undefined: there is nothing. */
  async status(path: string): Promise<FileStatus | undefined> {
    const answer = await this.#client.send({ method: "GET", operation: "GETFILESTATUS", path, accepted: [MISSING] });
    if (answer.failure !== undefined) return undefined;
    const { FileStatus: found } = jsonOf(answer) as { readonly FileStatus: JsonStatus };
    return statusOf(found, timeOf(answer));
  }

  /**
   * Writes a new file and makes it durable; what is answered is its path. Each attempt has one of its own: an attempt that
   * was given up may go on later, and must not touch what a later one has written.
   */
  async write(pathOf: (attempt: number) => string, body: HttpBody): Promise<string> {
    let last = 0;
    const { replication } = this.#client.settings;
    const query = {
      overwrite: "false",
      // Datanodes sync a block to their disk when it is complete.
      createflag: "CREATE,SYNC_BLOCK",
      ...(replication === undefined ? {} : { replication }),
    };
    await this.#client.sendEach((attempt) => {
      last = attempt;
      return { method: "PUT", operation: "CREATE", path: pathOf(attempt), query, body };
    });
    for (let attempt = 1; attempt < last; attempt++) await this.tryRemove(pathOf(attempt));
    return pathOf(last);
  }

  /** The server refuses to overwrite unless it is told to. `repeated`: an attempt before may have done it. */
  async rename(
    from: string,
    to: string,
    { overwrite }: { readonly overwrite: boolean },
  ): Promise<{ readonly result: Renamed; readonly repeated: boolean }> {
    const answer = await this.#client.send({
      method: "PUT",
      operation: "RENAME",
      path: from,
      query: { destination: to, renameoptions: overwrite ? "OVERWRITE" : "NONE" },
      accepted: [MISSING, EXISTS],
    });
    const { failure, repeated } = answer;
    if (failure !== undefined) return { result: failure.exception === EXISTS ? "exists" : "missing", repeated };
    // A server that does not know the option answers true or false, and may have done something else.
    if (answer.body.length > 0) throw unknownServer("renames without options");
    return { result: "done", repeated };
  }

  /** At most so many bytes from there on; fewer: the end. Undefined: there is no such file. */
  async read(path: string, from: number, length: number): Promise<Uint8Array | undefined> {
    const answer = await this.#client.send({
      method: "GET",
      operation: "OPEN",
      path,
      query: { offset: String(from), length: String(length) },
      accepted: [MISSING, "IOException"],
    });
    const { failure } = answer;
    if (failure === undefined) return answer.body;
    if (failure.exception === MISSING) return undefined;
    if (failure.text.includes("out of the range")) return new Uint8Array(0);
    throw new SqlError("IO", `OPEN ${path}: ${failure.text}`);
  }

  /** False: it is there still, as a folder that is not empty. Nothing there is fine. */
  async remove(path: string, { recursive }: { readonly recursive: boolean }): Promise<boolean> {
    const query = { recursive: String(recursive) };
    const answer = await this.#client.send({
      method: "DELETE",
      operation: "DELETE",
      path,
      query,
      accepted: [MISSING, NOT_EMPTY],
    });
    return answer.failure?.exception !== NOT_EMPTY;
  }

  /** Removes a file that nobody needs; if that fails, it stays. */
  async tryRemove(path: string): Promise<void> {
    await this.remove(path, { recursive: false }).catch(() => undefined);
  }

  /** What lies directly in a folder, as it was page by page; nothing, when it is not there. */
  async entries(folder: string): Promise<FileStatus[]> {
    const found: FileStatus[] = [];
    for (let more = true; more;) {
      const after = found.at(-1)?.name;
      const answer = await this.#client.send({
        method: "GET",
        operation: "LISTSTATUS_BATCH",
        path: folder,
        query: after === undefined ? {} : { startAfter: after },
        accepted: [MISSING],
      });
      if (answer.failure !== undefined) return [];
      const { DirectoryListing: page } = jsonOf(answer) as {
        readonly DirectoryListing: {
          readonly partialListing: { readonly FileStatuses: { readonly FileStatus: readonly JsonStatus[] } };
          readonly remainingEntries: number;
        };
      };
      const { FileStatus: list } = page.partialListing.FileStatuses;
      found.push(...list.map((status) => statusOf(status, timeOf(answer))));
      more = page.remainingEntries > 0 && list.length > 0;
    }
    return found;
  }
}

function jsonOf({ body }: HdfsAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new SqlError("IO", "the namenode answers something that is no JSON", { cause: error });
  }
}

function statusOf(found: JsonStatus, now: string | undefined): FileStatus {
  if (found.fileId === undefined) throw unknownServer("gives files no number");
  return {
    id: String(found.fileId),
    name: found.pathSuffix,
    isFolder: found.type === "DIRECTORY",
    size: found.length,
    children: found.childrenNum,
    ageMillis: ageOf(found.modificationTime, now),
  };
}

/** By the namenode's clock; the header stands in its answers twice. */
function timeOf({ headers }: HdfsAnswer): string | undefined {
  return /^\w+, [^,]+/.exec(headers.date ?? "")?.[0];
}

function unknownServer(what: string): SqlError {
  return new SqlError("UNSUPPORTED", `the server ${what}, so writers cannot be kept apart there (is it HttpFS?)`, {
    hint: "name the namenode's own WebHDFS in 'dfs.namenode.http-address'",
  });
}
