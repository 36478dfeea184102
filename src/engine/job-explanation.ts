import { formatMemoryBytes } from "../base/memory-size.ts";
import { groupedDigits } from "../base/grouped-digits.ts";
import type { NodeInspection } from "../runtime/inspection.ts";
import type { PhysicalNode } from "../runtime/spec.ts";
import { formatTimestamp } from "../types/datetime.ts";
import type { JobHandle, JobInspection } from "./job-request.ts";

/** Longest description of a node in a line. */
const DESCRIPTION_LENGTH = 100;

/** A source that is silent for so long is said to be, millis. */
const SILENT_MILLIS = 1000;

/** A running job in words: what its rows wait for, then each node with its numbers. */
export async function jobExplanation(job: JobHandle, nowMillis: number): Promise<string> {
  const { rows, sinkRows } = job.progress();
  const seconds = Math.max(0, Math.round((nowMillis - job.startedMillis) / 1000));
  const head = `Job ${job.name}: ${job.status()}, ${counted(rows, "row")} read and ${counted(sinkRows, "row")} out in ${seconds} s`;
  const inspection = await job.inspect();
  if (inspection === undefined) return `${head}\n`;
  const reasons = reasonsForSilence(inspection);
  const why = reasons.length === 0 ? [] : ["", "What rows wait for:", ...reasons.map((reason) => `- ${reason}`)];
  return `${[head, ...why, "", ...nodeLines(inspection)].join("\n")}\n`;
}

/** Why a job shows nothing (or no more), the nearest to the sinks first; empty: nothing stands in the way. */
export function reasonsForSilence(inspection: JobInspection): readonly string[] {
  return new Silence(inspection).reasons();
}

/** Looks for what holds rows back, from the sinks up. */
class Silence {
  readonly #graph: ReadonlyMap<string, PhysicalNode>;
  readonly #nodes: ReadonlyMap<string, NodeInspection>;

  constructor({ graph, nodes }: JobInspection) {
    this.#graph = new Map(graph.nodes.map((node) => [node.id, node]));
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
  }

  reasons(): readonly string[] {
    const found = new Set<string>();
    for (const node of [...this.#graph.values()].reverse()) {
      if (node.spec.kind === "sink" && this.#nodes.get(node.id)?.rowsIn === 0)
        for (const { from } of node.inputs) for (const reason of this.#noRowsFrom(from)) found.add(reason);
    }
    for (const node of [...this.#graph.values()].reverse())
      for (const reason of this.#holdsBack(node)) found.add(reason);
    return [...found];
  }

  /** Why this node has given no row. */
  #noRowsFrom(id: string): readonly string[] {
    const node = this.#graph.get(id)!;
    const inspected = this.#nodes.get(id);
    if (inspected === undefined || inspected.rowsOut > 0) return [];
    const silent = node.inputs.flatMap(({ from }) => this.#noRowsFrom(from));
    if (inspected.source !== undefined) return [this.#noRowsOfSource(node, inspected)];
    if (inspected.rowsIn === 0) return silent;
    if ((inspected.waiting?.count ?? 0) > 0) return [...this.#holdsBack(node), ...silent];
    const late = inspected.counters["lateRows"] ?? 0;
    // Of several threads the rows in may be partial results, each of many rows.
    if (late >= inspected.rowsIn)
      return [`${nameOf(node)}: all ${counted(late, "row")} came too late, behind the watermark`];
    if (node.spec.kind === "calc" && node.spec.filter !== undefined)
      return [`${nameOf(node)} lets none of ${counted(inspected.rowsIn, "row")} through`];
    if (node.spec.kind === "join")
      return [`${nameOf(node)}: no match among ${counted(inspected.rowsIn, "row")} of both sides`, ...silent];
    return [`${nameOf(node)}: ${counted(inspected.rowsIn, "row")} in, none out yet`, ...silent];
  }

  #noRowsOfSource(node: PhysicalNode, { source }: NodeInspection): string {
    const name = tableOf(node);
    if (source?.ended === true) return `${name} is empty`;
    const reading = source?.split === undefined ? "" : `, reading ${source.split}`;
    return `${name} has given no row yet${reading}`;
  }

  /** What the node keeps until the watermark has gone on, and whose watermark that is. */
  #holdsBack(node: PhysicalNode): readonly string[] {
    const inspected = this.#nodes.get(node.id);
    const waiting = inspected?.waiting;
    if (inspected === undefined || waiting === undefined || waiting.count === 0) return [];
    const watermark = Math.min(...inspected.inputs.map((input) => input.watermarkMillis));
    const next =
      waiting.nextMillis === Infinity
        ? ""
        : `; the next ${waiting.what === "windows" ? "closes" : "goes on"} at watermark ${timeText(waiting.nextMillis)}`;
    const now = watermark === -Infinity ? "there is no watermark yet" : `it is at ${timeText(watermark)}`;
    const holder = this.#slowest(node);
    return [
      `${nameOf(node)} keeps ${counted(waiting.count, waiting.what.slice(0, -1))}${next}, ${now}${holder === undefined ? "" : `, held back by ${holder}`}`,
    ];
  }

  /** The source whose watermark is the lowest behind this node. */
  #slowest(node: PhysicalNode): string | undefined {
    let current = node;
    for (;;) {
      const inspected = this.#nodes.get(current.id);
      if (inspected === undefined) return undefined;
      if (inspected.source !== undefined) return this.#sourceText(current, inspected);
      const active = inspected.inputs
        .map((input, i) => ({ ...input, i }))
        .filter((input) => !input.idle && !input.ended);
      if (active.length === 0) return undefined;
      const lowest = active.reduce((low, each) => (each.watermarkMillis < low.watermarkMillis ? each : low));
      current = this.#graph.get(current.inputs[lowest.i]!.from)!;
    }
  }

  #sourceText(node: PhysicalNode, { rowsIn, source }: NodeInspection): string {
    const parts = [`${tableOf(node)} (${counted(rowsIn, "row")} read`];
    if (source?.split !== undefined) parts.push(`at ${source.split}`);
    if (source !== undefined && source.silentMillis >= SILENT_MILLIS)
      parts.push(
        `silent for ${Math.round(source.silentMillis / 1000)} s; 'table.exec.source.idle-timeout' would let others go on`,
      );
    return `${parts.join(", ")})`;
  }
}

/** One line a node: its numbers, then what it is. */
function nodeLines({ graph, nodes }: JobInspection): readonly string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const head = ["rows in", "rows out", "late", "watermark", "state", "node"];
  const rows = graph.nodes.map((node): string[] => {
    const inspected = byId.get(node.id);
    if (inspected === undefined) return ["", "", "", "", "", nameOf(node)];
    const late = inspected.counters["lateRows"] ?? 0;
    return [
      groupedDigits(inspected.rowsIn),
      groupedDigits(inspected.rowsOut),
      late === 0 ? "" : groupedDigits(late),
      inspected.watermarkMillis === -Infinity ? "" : timeText(inspected.watermarkMillis),
      inspected.state === undefined || inspected.state.elements === 0
        ? ""
        : `${groupedDigits(inspected.state.elements)} (${formatMemoryBytes(inspected.state.estimatedBytes)})`,
      nameOf(node),
    ];
  });
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padStart(widths[i]!))).join("  "),
  );
}

function nameOf(node: PhysicalNode): string {
  const { description } = node;
  return description.length <= DESCRIPTION_LENGTH ? description : `${description.slice(0, DESCRIPTION_LENGTH - 1)}…`;
}

function tableOf(node: PhysicalNode): string {
  return node.spec.kind === "scan" ? (node.spec.table.table.split(".").at(-1) ?? "") : "VALUES";
}

function timeText(millis: number): string {
  return millis === Infinity ? "the end" : formatTimestamp(millis, 3);
}

function counted(count: number, what: string): string {
  return `${groupedDigits(count)} ${what}${count === 1 ? "" : "s"}`;
}
