import type { Json } from "../../base/json.ts";
import type { CheckpointMetadata } from "../../checkpoint/metadata.ts";
import type { Source } from "../../connectors/api.ts";
import type { JobServices } from "../../runtime/job-services.ts";
import type { JobGraph } from "../../runtime/spec.ts";
import { partitionFilterOf } from "../../runtime/partition-filter.ts";
import { knownSplits, numberedSplits, type NumberedSplit } from "../../runtime/source-state.ts";

/** How often endless sources are asked for new splits. */
const DISCOVERY_MILLIS = 1000;

interface Dealt {
  readonly source: Source;
  readonly known: Set<string>;
  /** The thread that gets the next split. */
  next: number;
}

/** Deals the splits of all sources out to the threads of a job, and looks for new ones. */
export class SplitDealer {
  readonly #sources = new Map<string, Dealt>();
  readonly #parallelism: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(graph: JobGraph, services: Omit<JobServices, "stateFor">, parallelism: number) {
    this.#parallelism = parallelism;
    for (const { id, spec } of graph.nodes) {
      if (spec.kind !== "scan") continue;
      const connector = services.connectorOf(spec.table);
      const partitionFilter = partitionFilterOf(spec, services.functions, services.session);
      const source = connector.source!(
        { ...spec.table, columns: spec.columns, partitionFilter },
        { ...services.connectors, parallelism },
      );
      this.#sources.set(id, { source, known: new Set(), next: 0 });
    }
  }

  get sources(): ReadonlyMap<string, { readonly source: Source }> {
    return this.#sources;
  }

  get bounded(): boolean {
    return [...this.#sources.values()].every(({ source }) => source.bounded);
  }

  /** The first splits by thread and source; after a restore the checkpoint has dealt them. */
  async begin(graph: JobGraph, restored: CheckpointMetadata | undefined): Promise<Record<string, NumberedSplit[]>[]> {
    const dealt: Record<string, NumberedSplit[]>[] = Array.from({ length: this.#parallelism }, () => ({}));
    for (const { id, spec } of graph.nodes)
      if (spec.kind === "values") dealt[0]![id] = [{ id: "values", data: null, number: 0 }];
    for (const [id, entry] of this.#sources) {
      const states = (restored?.snapshots ?? []).flatMap(({ operatorId, extra }) =>
        operatorId === id && typeof extra === "object" && extra !== null && "source" in extra
          ? [(extra as { readonly source: Json }).source]
          : [],
      );
      for (const state of states) for (const split of knownSplits(state)) entry.known.add(split);
      if (states.length > 0) continue;
      for (const [thread, splits] of await this.#discover(entry)) dealt[thread]![id] = splits;
    }
    return dealt;
  }

  /** From now on new splits are handed over as they come. `fail`: a source could not be asked. */
  watch(
    give: (thread: number, sourceId: string, splits: readonly NumberedSplit[]) => void,
    fail: (error: unknown) => void,
  ): void {
    if (this.bounded) return;
    const look = async (): Promise<void> => {
      for (const [id, entry] of this.#sources) {
        if (entry.source.bounded) continue;
        for (const [thread, splits] of await this.#discover(entry)) give(thread, id, splits);
      }
      if (this.#timer !== undefined) this.#timer = setTimeout(start, DISCOVERY_MILLIS);
    };
    const start = (): void => void look().catch(fail);
    this.#timer = setTimeout(start, DISCOVERY_MILLIS);
  }

  /** No new splits any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async close(): Promise<void> {
    this.stop();
    for (const { source } of this.#sources.values()) await source.close?.();
  }

  async #discover(entry: Dealt): Promise<Map<number, NumberedSplit[]>> {
    const dealt = new Map<number, NumberedSplit[]>();
    for (const split of numberedSplits(await entry.source.discoverSplits(entry.known), entry.known)) {
      entry.known.add(split.id);
      const thread = entry.next;
      entry.next = (thread + 1) % this.#parallelism;
      dealt.set(thread, [...(dealt.get(thread) ?? []), split]);
    }
    return dealt;
  }
}
