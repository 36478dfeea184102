import type { HttpAnswer } from "../http.ts";
import { Transient } from "../retry.ts";

/** What an answer that is no success says. */
export interface Failure {
  /** Name of the server's exception, such as `FileNotFoundException`; "" when it says none. */
  readonly exception: string;
  /** For messages. */
  readonly text: string;
  /** It may go well later. */
  readonly passes: boolean;
  /** Another namenode may do it. */
  readonly elsewhere: boolean;
  readonly code: "IO" | "UNSUPPORTED";
  readonly hint: string | undefined;
}

/** Of a namenode that is starting, is not the active one, or has too much to do; of blocks that are under way. */
const PASSING = new Set([
  "StandbyException",
  "RetriableException",
  "SafeModeException",
  "ServerTooBusyException",
  "NotReplicatedYetException",
  "AlreadyBeingCreatedException",
  "RecoveryInProgressException",
  "BlockMissingException",
  "ConnectException",
  "ConnectTimeoutException",
  "SocketTimeoutException",
  "SocketException",
  "EOFException",
  "ClosedChannelException",
  "InterruptedIOException",
]);
/** The same, said by an exception that may be anything. */
const PASSING_TEXT =
  /in safe mode|Failed to find datanode|could only be (?:replicated|written) to|Could not obtain block|is not supported in state|Zero blocklocations|not yet started|Unable to close file because the last block/i;
const OTHER_NAMENODE = /StandbyException|is not supported in state|in safe mode/;

const HINTS: Readonly<Record<string, string>> = {
  AccessControlException: "look at 'hadoop.user.name' (HADOOP_USER_NAME) and at the folder's permissions",
  InvalidToken: "look at 'hadoop.tokens' (HADOOP_TOKEN): delegation tokens end",
  QuotaExceededException: "the folder has a quota: 'hdfs dfs -count -q' shows it",
  NSQuotaExceededException: "the folder has a quota: 'hdfs dfs -count -q' shows it",
  DSQuotaExceededException: "the folder has a quota: 'hdfs dfs -count -q' shows it",
};

/** Reads an answer that is neither a success nor a redirection. */
export function failureOf(answer: HttpAnswer): Failure {
  const { status, headers } = answer;
  const { exception, message } = remoteException(answer);
  if (status === 401 && /negotiate/i.test(headers["www-authenticate"] ?? "")) {
    return {
      ...lasting(exception, "the server wants Kerberos, which is not supported yet"),
      code: "UNSUPPORTED",
      hint: "give a delegation token: 'hadoop.tokens' or HADOOP_TOKEN",
    };
  }
  if (exception === "") {
    const text = `the server answers ${status}, and no word of WebHDFS`;
    if (status >= 500 || status === 408 || status === 429) return { ...lasting("", text), passes: true };
    return {
      ...lasting("", text),
      hint: "'dfs.namenode.http-address' is the HTTP address of the namenode (port 9870), not that of its RPC",
    };
  }
  const text = `the server answers ${status} ${exception}${message === "" ? "" : `: ${message}`}`;
  const passes = PASSING.has(exception) || PASSING_TEXT.test(message) || [502, 503, 504].includes(status);
  return { ...lasting(exception, text), passes, elsewhere: passes && OTHER_NAMENODE.test(`${exception} ${message}`) };
}

function lasting(exception: string, text: string): Failure {
  return { exception, text, passes: false, elsewhere: false, code: "IO", hint: HINTS[exception] };
}

/** Its name without class and package, and the first line of its message: the rest is a stack of Java. */
function remoteException({ body }: HttpAnswer): { readonly exception: string; readonly message: string } {
  try {
    const { RemoteException: found } = JSON.parse(body.toString()) as { readonly RemoteException?: unknown };
    const { exception, message } = (found ?? {}) as { readonly exception?: unknown; readonly message?: unknown };
    if (typeof exception !== "string") return { exception: "", message: "" };
    const [line = ""] = typeof message === "string" ? message.split("\n") : [];
    return { exception, message: line.trim() };
  } catch {
    return { exception: "", message: "" };
  }
}

/** No answer at all. */
export function unreachable(url: URL, isNamenode: boolean, error: Error): Transient {
  const who = `${isNamenode ? "namenode" : "datanode"} ${url.host}`;
  return new Transient(
    `${who}: ${error.message === "" ? String((error as NodeJS.ErrnoException).code) : error.message}`,
    error,
  );
}
