import { SqlError } from "../../base/errors.ts";
import type { CheckpointKind, StateFile } from "../../checkpoint/metadata.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import { JdbcClient } from "../../storage/jdbc/client.ts";
import { jdbcLocation, jdbcSettings, tableName } from "../../storage/jdbc/settings.ts";
import type { BackendContext, OpenStateBackend } from "../backend.ts";
import { encodeManifest, manifestPieces, type OperatorManifest } from "../rocksdb/manifest.ts";
import { memoryLimitBytes } from "../rocksdb/options.ts";
import { OpenRecordBackend, type RecordMedium } from "../rocksdb/record-backend.ts";
import { RecordWriter } from "../rocksdb/record-writer.ts";
import { TableRegistry } from "../rocksdb/table-registry.ts";
import { restoreRows } from "./restore.ts";
import { RowStore, type RowReading } from "./row-store.ts";
import { makeScope, prune, removeFormerScopes, removeScope, tableStatements, type StateTables } from "./scopes.ts";

/** Number of an epoch that has ended. */
type Epoch = number;

/** Records as rows of a database; a checkpoint names an epoch of them. */
class JdbcMedium implements RecordMedium<Epoch, Epoch> {
  readonly store: RowStore;
  readonly #context: BackendContext;
  readonly #client: JdbcClient;
  readonly #tables: StateTables;
  readonly #retained: number;
  /** Epochs of completed checkpoints, of which the newest are retained. */
  #completed: Epoch[] = [];
  #pruned = 0;
  /** A checkpoint that names the rows may exist, also when nobody has heard that it is complete. */
  #isNamed = false;
  #formerAreGone = false;
  /** Removal goes on in the background, one after another; what fails is done with the next one. */
  #removing: Promise<void> = Promise.resolve();

  constructor(context: BackendContext, client: JdbcClient, tables: StateTables, store: RowStore) {
    this.#context = context;
    this.#client = client;
    this.#tables = tables;
    this.store = store;
    this.#retained = Number(context.options.get("execution.checkpointing.num-retained") ?? 1);
  }

  async capture(): Promise<Epoch> {
    return this.store.endEpoch();
  }

  async discard(): Promise<void> {
    // Its rows belong to later epochs too.
  }

  picture(): RowReading {
    return this.store.picture();
  }

  async carry(
    manifest: OperatorManifest,
    epoch: Epoch | undefined,
    target: SnapshotTarget,
  ): Promise<{ readonly files: readonly StateFile[]; readonly carried: Epoch | undefined }> {
    const { operatorId, subtask } = manifest;
    const { id, token } = this.store.scope;
    const rows = epoch === undefined ? undefined : { scope: id, epoch, token: token.toString("hex") };
    const bytes = encodeManifest("jdbc", { ...manifest, rows });
    this.#isNamed = true;
    return { files: [await target.writeFile(`${operatorId}#${subtask}`, manifestPieces(bytes))], carried: epoch };
  }

  completed(kind: CheckpointKind | undefined, epoch: Epoch | undefined): void {
    if (kind === "savepoint" || epoch === undefined) return;
    this.#completed.push(epoch);
    // When this one completes, retention has done its work after the one before: older ones are gone.
    if (this.#completed.length <= this.#retained) return;
    this.#completed = this.#completed.slice(-this.#retained - 1);
    const oldest = this.#completed[0]!;
    this.#removing = this.#removing.then(async () => this.#remove(oldest)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#removing;
    try {
      if (!this.#isNamed) await removeScope(this.#client, this.#tables, this.store.scope.id);
    } catch {
      // The next attempt that completes checkpoints removes it.
    } finally {
      await this.#client.close();
    }
  }

  async #remove(oldest: Epoch): Promise<void> {
    if (!this.#formerAreGone) {
      await removeFormerScopes(this.#client, this.#tables, this.store.scope, this.#context);
      this.#formerAreGone = true;
    }
    await prune(this.#client, this.#tables, this.store.scope, {
      from: this.#pruned,
      to: oldest,
      // What was restored is epoch 0.
      first: this.#context.restore === undefined ? 1 : 0,
    });
    this.#pruned = oldest;
  }
}

/** Opens the backend in a scope of its own. Throws OPTION_MISSING, OPTION_INVALID, UNSUPPORTED without the driver, IO. */
export async function openJdbcBackend(context: BackendContext): Promise<OpenStateBackend> {
  const { options } = context;
  const url = options.get("state.backend.jdbc.url");
  if (url === undefined) {
    throw new SqlError("OPTION_MISSING", "the state backend jdbc needs a database", {
      hint: "SET 'state.backend.jdbc.url' = 'jdbc:postgresql://host:5432/database', or the option 'url' of the table",
    });
  }
  const name = tableName(
    "state.backend.jdbc.table-name",
    options.get("state.backend.jdbc.table-name") ?? "millrace_state",
  );
  const tables: StateTables = { rows: name, scopes: `${name}_scopes` };
  const settings = jdbcSettings(jdbcLocation(url), options);
  const client = new JdbcClient(settings, (dialect) => tableStatements(tables, dialect));
  try {
    const scope = await makeScope(client, tables, context);
    const store = new RowStore(client, tables, scope);
    const writer = new RecordWriter(store);
    const registry = new TableRegistry("jdbc");
    await restoreRows({ context, client, tables, store, writer, registry });
    const medium = new JdbcMedium(context, client, tables, store);
    return new OpenRecordBackend({ context, medium, writer, registry, memoryLimitBytes: memoryLimitBytes(options) });
  } catch (error) {
    await client.close();
    throw error;
  }
}
