import { SqlError } from "../../base/errors.ts";
import { importModule } from "../../base/import-module.ts";

/** The drivers, and how they are installed: optional peers, since few have their checkpoints in a database. */
const INSTALL: Readonly<Record<string, string>> = {
  pg: "npm install pg@^8.23.1",
  "mysql2/promise": "npm install mysql2@^3.24.6",
};

/** A driver, on first use. Throws UNSUPPORTED, with the line that mends it, when its package is not there. */
export async function loadDriver<T>(
  specifier: "pg" | "mysql2/promise",
  load: (specifier: string) => Promise<unknown> = importModule,
): Promise<T> {
  try {
    return (await load(specifier)) as T;
  } catch (cause) {
    const name = specifier.split("/")[0]!;
    throw new SqlError("UNSUPPORTED", `'jdbc:' needs the package ${name}, which is not installed or does not load`, {
      hint: `run '${INSTALL[specifier]}'`,
      cause,
    });
  }
}
