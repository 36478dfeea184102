import { withoutUrlSecrets } from "../base/url-secrets.ts";
import type { Json } from "../base/json.ts";
import { shownValue } from "../planner/bind/index.ts";
import type { NamedJob } from "./job-request.ts";
import { planRecord } from "./plan-record.ts";
import { millraceVersion } from "./version.ts";

/** What every checkpoint and savepoint says of the job that made it: versions, statement, options, and what each operator id is. */
export function checkpointProperties({ graph, statement, values }: NamedJob): { readonly [name: string]: Json } {
  return {
    version: millraceVersion(),
    node: process.versions.node,
    statement: statement === undefined ? null : withoutUrlSecrets(statement),
    options: Object.fromEntries([...values].map(([key, value]) => [key, shownValue(key, value)])),
    plan: Object.fromEntries(graph.nodes.map((node) => [node.id, node.description])),
    ...planRecord(graph),
  };
}
