import { rowText } from "../../sql-tests/kafka/exchange/millrace.ts";

interface Results {
  readonly resultType: "NOT_READY" | "PAYLOAD" | "EOS";
  readonly nextResultUri?: string;
  readonly results?: { readonly data: readonly { readonly kind: string; readonly fields: readonly unknown[] }[] };
}

const KINDS: Readonly<Record<string, string>> = { INSERT: "+I", UPDATE_BEFORE: "-U", UPDATE_AFTER: "+U", DELETE: "-D" };
const STATEMENT_MILLIS = 60_000;

/** Real Flink, by the REST interface of its SQL gateway. */
export class FlinkGateway {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Undefined: there is none. */
  async version(): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://${this.#address}/info`, { signal: AbortSignal.timeout(3000) });
      return ((await answer.json()) as { readonly version: string }).version;
    } catch {
      return undefined;
    }
  }

  /** Runs statements in a session of their own and gives the changes of the last one, as `+I[a, b]`. */
  async run(statements: readonly string[]): Promise<string[]> {
    const properties = { "table.dml-sync": "true", "table.local-time-zone": "UTC", "parallelism.default": "1" };
    const { sessionHandle } = await this.#call<{ readonly sessionHandle: string }>("POST", "/v3/sessions", {
      properties,
    });
    try {
      let rows: string[] = [];
      for (const statement of statements) rows = await this.#statement(`/v3/sessions/${sessionHandle}`, statement);
      return rows;
    } finally {
      await this.#call("DELETE", `/v3/sessions/${sessionHandle}`);
    }
  }

  async #statement(session: string, statement: string): Promise<string[]> {
    const { operationHandle } = await this.#call<{ readonly operationHandle: string }>(
      "POST",
      `${session}/statements`,
      {
        statement,
      },
    );
    const rows: string[] = [];
    const deadline = Date.now() + STATEMENT_MILLIS;
    let next: string | undefined = `${session}/operations/${operationHandle}/result/0?rowFormat=PLAIN_TEXT`;
    while (next !== undefined) {
      if (Date.now() > deadline) throw new Error(`Flink took too long: ${statement}`);
      const answer: Results = await this.#call<Results>("GET", next);
      for (const { kind, fields } of answer.results?.data ?? []) rows.push(rowText(KINDS[kind] ?? kind, fields));
      if (answer.resultType === "EOS") break;
      if (answer.resultType === "NOT_READY" || answer.results?.data.length === 0)
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      next = answer.nextResultUri ?? next;
    }
    return rows;
  }

  async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(`http://${this.#address}${path}`, { method, ...init });
    const text = await answer.text();
    if (!answer.ok) throw new Error(reasonOf(text));
    return JSON.parse(text) as Answer;
  }
}

/** The innermost cause of the stack traces that the gateway answers with. */
function reasonOf(text: string): string {
  const causes = text.split("Caused by: ");
  return (causes.at(-1) ?? text).split(String.raw`\n`)[0] ?? text;
}
