import { setTimeout as pause } from "node:timers/promises";
import { SqlError } from "../../base/errors.ts";
import { parseSchema, SchemaProblem, type AvroSchema, type NamedTypes } from "../avro/schema.ts";
import { send, type HttpAnswer, type HttpRequest } from "./http.ts";
import type { TlsSettings } from "./tls.ts";

export interface RegistrySettings {
  /** Without user and password. */
  readonly urls: readonly string[];
  readonly authorization: string | undefined;
  readonly tls: TlsSettings | undefined;
  readonly timeoutMillis: number;
}

/** A schema of the registry, or why its id has none that can be used. */
export type RegisteredSchema = { readonly schema: AvroSchema } | { readonly problem: string };

/** How long one waits before asking again, one after the other; then the registry counts as away. */
const PAUSES_MILLIS: readonly number[] = [100, 500, 2000];

/** How long it is believed that an id is unknown. */
const UNKNOWN_MILLIS = 30_000;

/** References of schemas to others are followed so deep. */
const MAX_REFERENCE_DEPTH = 20;

/** The REST interface of a Confluent Schema Registry. An id is asked for once, however many want it. */
export class SchemaRegistry {
  private readonly settings: RegistrySettings;
  private readonly pauses: readonly number[];
  private readonly schemas = new Map<number, Promise<RegisteredSchema>>();
  /** The URL that answered last. */
  private preferred = 0;

  constructor(settings: RegistrySettings, pauses = PAUSES_MILLIS) {
    this.settings = settings;
    this.pauses = pauses;
  }

  /** For messages. */
  get name(): string {
    return this.settings.urls.join(", ");
  }

  /** The schema of an id. Rejects with CONNECTOR_UNAVAILABLE when the registry does not tell. */
  schemaOf(id: number): Promise<RegisteredSchema> {
    const known = this.schemas.get(id);
    if (known !== undefined) return known;
    const asked = this.fetchSchema(id);
    this.schemas.set(id, asked);
    const forget = (): void => void this.schemas.delete(id);
    asked.then((found) => {
      if ("problem" in found) setTimeout(forget, UNKNOWN_MILLIS).unref();
    }, forget);
    return asked;
  }

  /** The id under which the schema is registered for the subject, now or before. */
  async register(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.ask("POST", path, JSON.stringify({ schema }));
    const { id } = parse(answer);
    if (answer.status < 300 && typeof id === "number") return id;
    if (answer.status === 409 || answer.status === 422) {
      const said = messageOf(answer);
      throw new SqlError(
        "SINK_MISMATCH",
        `Could not register schema in registry: ${this.name} does not take the schema for subject '${subject}': ${said}`,
        { hint: "change the table's columns, the compatibility of the subject, or the option 'subject'" },
      );
    }
    throw this.unexpected(answer, `registering a schema for subject '${subject}'`);
  }

  private async fetchSchema(id: number): Promise<RegisteredSchema> {
    const answer = await this.ask("GET", `/schemas/ids/${id}`);
    const json = parse(answer);
    if (answer.status === 404 && json["error_code"] !== undefined)
      return { problem: `Could not find schema with id ${id} in registry ${this.name}` };
    if (answer.status >= 300 || typeof json["schema"] !== "string")
      throw this.unexpected(answer, `the schema with id ${id}`);
    const type = json["schemaType"];
    if (typeof type === "string" && type !== "AVRO")
      return { problem: `the schema with id ${id} in registry ${this.name} is ${type}, not Avro` };
    try {
      const names: NamedTypes = new Map();
      await this.readReferences(json, names, new Set(), 0);
      return { schema: parseSchema(json["schema"], names) };
    } catch (error) {
      if (!(error instanceof SchemaProblem)) throw error;
      return { problem: `the schema with id ${id} in registry ${this.name} is not valid: ${error.reason}` };
    }
  }

  /** Adds the types of the schemas that this one refers to, theirs first. */
  private async readReferences(json: Json, names: NamedTypes, seen: Set<string>, depth: number): Promise<void> {
    if (depth > MAX_REFERENCE_DEPTH) throw new SchemaProblem("its references go too deep");
    const references = Array.isArray(json["references"]) ? (json["references"] as readonly Json[]) : [];
    for (const { subject, version } of references) {
      const path = `/subjects/${encodeURIComponent(String(subject))}/versions/${encodeURIComponent(String(version))}`;
      if (seen.has(path)) continue;
      seen.add(path);
      const answer = await this.ask("GET", path);
      const referred = parse(answer);
      if (typeof referred["schema"] !== "string")
        throw new SchemaProblem(
          `it refers to version ${String(version)} of subject '${String(subject)}', which is not there`,
        );
      await this.readReferences(referred, names, seen, depth + 1);
      parseSchema(referred["schema"], names);
    }
  }

  /** Asks until there is an answer that asking again would not change. */
  private async ask(method: HttpRequest["method"], path: string, body?: string): Promise<HttpAnswer> {
    const { urls, authorization, tls, timeoutMillis } = this.settings;
    let reason = "";
    for (let attempt = 0; attempt <= this.pauses.length; attempt++) {
      if (attempt > 0) await pause(this.pauses[attempt - 1]!);
      for (let i = 0; i < urls.length; i++) {
        const at = (this.preferred + i) % urls.length;
        try {
          const answer = await send({ method, url: urls[at]! + path, authorization, body, tls, timeoutMillis });
          if (answer.status < 500 && answer.status !== 429) {
            this.preferred = at;
            return answer;
          }
          reason = `HTTP ${answer.status}: ${messageOf(answer)}`;
        } catch (error) {
          reason = error instanceof Error && error.message !== "" ? error.message : codeOf(error);
          if (isAboutTrust(error)) throw this.away(reason, false);
        }
      }
    }
    throw this.away(reason, true);
  }

  private away(reason: string, retryable: boolean): SqlError {
    const hint = retryable ? undefined : "see the options ssl.*";
    return new SqlError("CONNECTOR_UNAVAILABLE", `the schema registry ${this.name} does not answer: ${reason}`, {
      retryable,
      hint,
    });
  }

  private unexpected(answer: HttpAnswer, what: string): SqlError {
    const { status } = answer;
    const hint =
      status === 401 || status === 403
        ? "see the options basic-auth.* and bearer-auth.*"
        : status === 404
          ? "is this the URL of the registry's REST interface?"
          : undefined;
    return new SqlError(
      "CONNECTOR_UNAVAILABLE",
      `${what}: the schema registry ${this.name} says HTTP ${status}: ${messageOf(answer)}`,
      {
        hint,
      },
    );
  }
}

type Json = Readonly<Record<string, unknown>>;

function parse({ body }: HttpAnswer): Json {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === "object" && json !== null ? (json as Json) : {};
  } catch {
    return {};
  }
}

/** What an answer says is wrong, in short. */
function messageOf(answer: HttpAnswer): string {
  const json = parse(answer);
  const { message } = json;
  const code = json["error_code"];
  const text = typeof message === "string" ? message : answer.body.replace(/\s+/g, " ").trim();
  const short = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return typeof code === "number" && code > 999 ? `${short} (error code ${code})` : short;
}

/** Keys or certificates are wrong, which asking again does not change. */
function isAboutTrust(error: unknown): boolean {
  return /^(ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "no connection";
}
