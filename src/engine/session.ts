import { createCatalogManager } from "../catalog/catalog-manager.ts";
import type { CatalogFunction, CatalogManager, CreateOptions, DropOptions } from "../catalog/manager.ts";
import type { CatalogTable } from "../catalog/table.ts";
import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Connector, ConnectorContext, TableRequest } from "../connectors/api.ts";
import { validateDeclared } from "../connectors/validate.ts";
import { KNOWN_CONNECTORS } from "../connectors/known-names.ts";
import { foldExpr } from "../expressions/fold.ts";
import type { Format } from "../formats/api.ts";
import type { AggregateFunction, ScalarFunction, SessionFacts, TableFunction } from "../functions/define.ts";
import { createRegistry } from "../functions/registry.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { BindContext } from "../planner/bind/context.ts";
import type { PlanContext } from "../planner/physical/context.ts";
import type { Machine } from "../storage/machine.ts";
import { catalogFactories, catalogStore } from "./catalogs/factories.ts";
import { sessionZone } from "../types/timezone.ts";
import { Config } from "./config.ts";
import { Extensions } from "./extensions.ts";
import { JobRegistry } from "./job-registry.ts";
import type { JobHandle } from "./job-request.ts";
import { Modules } from "./modules.ts";
import { loadUserFunction, type UserDefinition } from "./user-functions.ts";

/** What can be called, connected to and read: built-ins and the user's own, through the same door. */
export interface Builtins {
  readonly scalars: readonly ScalarFunction[];
  readonly aggregates: readonly AggregateFunction[];
  readonly tables: readonly TableFunction[];
  readonly connectors: readonly Connector[];
  readonly formats: readonly Format[];
}

export interface SessionOptions {
  readonly builtins: Builtins;
  /** SET values to begin with (config file, -D). */
  readonly config?: ReadonlyMap<string, string> | undefined;
  /** Folder against which relative paths of files and user functions resolve. */
  readonly baseDirectory: string;
  /** A promise is back-pressure. */
  readonly stdout: (text: string) => unknown;
  readonly stderr: (text: string) => void;
  /** Puts another connector in the place of a table's own (`actual`; undefined: there is none of that name). */
  readonly connectorFor?: ((request: TableRequest, actual: Connector | undefined) => Connector) | undefined;
  /** Wall clock, epoch millis; default Date.now. */
  readonly nowMillis?: (() => number) | undefined;
  /** In [0, 1); default Math.random. */
  readonly random?: (() => number) | undefined;
  /** Whose disks checkpoints and file sinks are on; default: this machine's. */
  readonly machine?: Machine | undefined;
}

/** One user's session: catalog, settings, functions. Statements run in it one after another. */
export class Session {
  readonly catalog: CatalogManager;
  readonly config: Config;
  readonly modules = new Modules();
  readonly options: SessionOptions;
  readonly extensions: Extensions;
  readonly #definitions = new Map<CatalogFunction, UserDefinition>();
  #registry: { readonly visible: readonly CatalogFunction[]; readonly functions: FunctionRegistry } | undefined;
  /** Names of jobs that this session has started, to number those of one table. */
  readonly jobNames = new Map<string, number>();
  readonly jobs = new JobRegistry();
  /** Jobs that fill materialized tables, by the tables' full names. */
  readonly materializing = new Map<string, JobHandle>();

  constructor(options: SessionOptions) {
    this.options = options;
    this.config = new Config(options.config);
    this.catalog = createCatalogManager({
      factories: catalogFactories(options.baseDirectory),
      store: catalogStore(this.config, options.baseDirectory),
    });
    const { connectors, formats } = options.builtins;
    this.extensions = new Extensions(connectors, formats, options.baseDirectory);
  }

  /** What can be called from the current database: temporary system functions, then built-in ones, then the database's own. */
  get functions(): FunctionRegistry {
    const visible = this.catalog.functions();
    const known = this.#registry;
    if (
      known !== undefined &&
      known.visible.length === visible.length &&
      known.visible.every((f, i) => f === visible[i])
    )
      return known.functions;
    const { scalars, aggregates, tables } = this.options.builtins;
    const builtIn = new Set([...scalars, ...aggregates].flatMap((f) => [f.name, ...(f.aliases ?? [])]));
    for (const { name } of tables) builtIn.add(name);
    const own = visible
      .filter((f) => f.location === undefined || !builtIn.has(f.name.toUpperCase()))
      // Of one name the temporary function wins: it comes last.
      .sort((f, g) => Number(f.temporary) - Number(g.temporary))
      .flatMap((f) => this.#definitions.get(f) ?? []);
    const functions = createRegistry(
      [...scalars, ...own.flatMap((f) => (f.kind === "scalar" ? [f.fn] : []))],
      aggregates,
      [...tables, ...own.flatMap((f) => (f.kind === "table" ? [f.fn] : []))],
    );
    this.#registry = { visible, functions };
    return functions;
  }

  /** Creates a user function; false: there was one already. */
  createFunction(fn: CatalogFunction, definition: UserDefinition, options: CreateOptions): boolean {
    if (!this.catalog.createFunction(fn, options)) return false;
    // A catalog in files gives its own object back.
    const created = fn.location === undefined ? fn : this.catalog.functions(fn.location).find((f) => isSame(f, fn));
    this.#definitions.set(created ?? fn, definition);
    return true;
  }

  /** ALTER FUNCTION; false: there is none (`ifExists`). */
  replaceFunction(fn: CatalogFunction, definition: UserDefinition, options: DropOptions): boolean {
    if (!this.catalog.replaceFunction(fn, options)) return false;
    const created = this.catalog.functions(fn.location).find((f) => isSame(f, fn));
    this.#definitions.set(created ?? fn, definition);
    this.#registry = undefined;
    return true;
  }

  /** Loads the functions of the current database that an earlier session has created. Throws as `loadUserFunction`. */
  async loadFunctions(): Promise<void> {
    for (const fn of this.catalog.functions()) {
      if (this.#definitions.has(fn)) continue;
      const { name, identifier, directory } = fn;
      this.#definitions.set(
        fn,
        await loadUserFunction(name, identifier, directory ?? this.options.baseDirectory, undefined),
      );
      this.#registry = undefined;
    }
  }

  /** `execution.runtime-mode` = batch. */
  get isBatch(): boolean {
    return this.config.get("execution.runtime-mode")?.toLowerCase() === "batch";
  }

  nowMillis(): number {
    return (this.options.nowMillis ?? Date.now)();
  }

  facts(): SessionFacts {
    return {
      timeZone: sessionZone(this.config.get("table.local-time-zone")),
      legacyCast: this.config.get("table.exec.legacy-cast-behaviour")?.toUpperCase() === "ENABLED",
      nowMillis: () => this.nowMillis(),
      random: this.options.random ?? Math.random,
    };
  }

  connectorContext(): ConnectorContext {
    return {
      format: (name) => this.extensions.format(name),
      formatNames: () => this.extensions.formatNames(),
      stdout: this.options.stdout,
      stderr: this.options.stderr,
      nowMillis: () => this.nowMillis(),
      baseDirectory: this.options.baseDirectory,
      machine: this.options.machine,
      sessionOptions: this.config.values(),
    };
  }

  /** The connector of a table, its options checked. */
  connectorOf(request: TableRequest): Connector {
    const name = request.options["connector"];
    if (name === undefined) {
      throw new SqlError(
        "OPTION_MISSING",
        `Table options of '${request.table}' do not contain an option key 'connector' for discovering a connector.`,
        {
          hint: `add WITH ('connector' = '…'), one of ${this.extensions.connectorNames().join(", ")}`,
        },
      );
    }
    const connector = this.extensions.connector(name);
    const substitute = this.options.connectorFor?.(request, connector);
    if (substitute !== undefined) {
      connector?.validate?.(request, this.connectorContext());
      return substitute;
    }
    if (connector === undefined) {
      if (KNOWN_CONNECTORS.has(name))
        throw new SqlError(
          "UNSUPPORTED",
          `the connector '${name}' is not supported yet; supported: ${this.extensions.connectorNames().join(", ")}`,
        );
      throw new SqlError(
        "CONNECTOR_UNKNOWN",
        `there is no connector '${name}'; available: ${this.extensions.connectorNames().join(", ")}`,
        {
          hint: didYouMean(name, this.extensions.connectorNames()),
        },
      );
    }
    // A connector without checks of its own has at least its options checked.
    if (connector.validate === undefined) validateDeclared(connector, request, this.connectorContext());
    else connector.validate(request, this.connectorContext());
    return connector;
  }

  bindContext(): BindContext {
    return { catalog: this.catalog, functions: this.functions, session: this.facts(), options: this.config.values() };
  }

  planContext(): PlanContext {
    const session = this.facts();
    const { functions } = this;
    return {
      functions,
      session,
      options: this.config.values(),
      connectorOf: (request) => this.connectorOf(request),
      connectors: this.connectorContext(),
      tableNamed: (name) => this.#tableNamed(name),
      fold: (expr) => foldExpr(expr, functions, session),
    };
  }

  #tableNamed(name: string): CatalogTable | undefined {
    const found = this.catalog.find(this.catalog.resolvePath(name.split(".")));
    return found?.kind === "table" ? found : undefined;
  }
}

function isSame(a: CatalogFunction, b: CatalogFunction): boolean {
  return a.name === b.name && a.temporary === b.temporary && (a.location === undefined) === (b.location === undefined);
}
