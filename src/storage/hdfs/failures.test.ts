import { expect, test } from "vitest";
import type { HttpAnswer } from "../http.ts";
import { failureOf, type Failure } from "./failures.ts";

function answer(status: number, body: unknown, headers: HttpAnswer["headers"] = {}): HttpAnswer {
  return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) };
}

function remote(exception: string, message: string): unknown {
  return { RemoteException: { exception, javaClassName: `org.apache.hadoop.${exception}`, message } };
}

test.each<readonly [string, HttpAnswer, Partial<Failure>]>([
  [
    "a standby",
    answer(403, remote("StandbyException", "Operation category READ is not supported in state standby. Visit …")),
    { passes: true, elsewhere: true },
  ],
  [
    "safe mode",
    answer(
      403,
      remote("RetriableException", "Cannot create file/x. Name node is in safe mode.\nThe reported blocks …"),
    ),
    {
      passes: true,
      text: "the server answers 403 RetriableException: Cannot create file/x. Name node is in safe mode.",
    },
  ],
  ["no datanode yet", answer(403, remote("IOException", "Failed to find datanode, suggest …")), { passes: true }],
  ["a block that is not to be had", answer(403, remote("BlockMissingException", "Could not obtain")), { passes: true }],
  ["a proxy", answer(502, "<html>Bad gateway"), { passes: true, exception: "" }],
  [
    "permissions",
    answer(403, remote("AccessControlException", "Permission denied: user=me\n\tat org.apache")),
    { passes: false, code: "IO", text: "the server answers 403 AccessControlException: Permission denied: user=me" },
  ],
  [
    "a quota",
    answer(403, remote("DSQuotaExceededException", "…")),
    { passes: false, hint: expect.stringContaining("quota") },
  ],
  [
    "a wrong port",
    answer(404, "It looks like you are making an HTTP request to a Hadoop IPC port."),
    { passes: false },
  ],
  [
    "Kerberos",
    answer(401, "<html>Authentication required", { "www-authenticate": "Negotiate" }),
    {
      passes: false,
      code: "UNSUPPORTED",
      text: expect.stringContaining("Kerberos"),
      hint: expect.stringContaining("token"),
    },
  ],
  ["other JSON", answer(400, { RemoteException: null }), { passes: false, exception: "" }],
])("%s", (_, given, expected) => {
  expect(failureOf(given)).toMatchObject(expected);
});
