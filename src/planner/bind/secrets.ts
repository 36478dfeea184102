import { withoutUrlSecrets } from "../../base/url-secrets.ts";

/** Parts of option names whose values are never shown, as Flink keeps its list. */
const SECRET_PARTS: readonly string[] = [
  "password",
  "secret",
  "fs.azure.account.key",
  "apikey",
  "api-key",
  "s3.access-key",
  "auth-params",
  "service-key",
  "token",
  "basic-auth",
  "jaas.config",
  "http-headers",
  "encryption-key",
];

/** What is shown in the place of a secret. */
const HIDDEN = "******";

/** The value of an option as it may be shown. */
export function shownValue(key: string, value: string): string {
  return isSecretOption(key) ? HIDDEN : withoutUrlSecrets(value);
}

/** Does an option hold what only those should see who wrote it? */
function isSecretOption(key: string): boolean {
  const lower = key.toLowerCase();
  return SECRET_PARTS.some((part) => lower.includes(part));
}
