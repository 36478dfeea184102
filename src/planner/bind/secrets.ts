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
export const HIDDEN = "******";

/** Does an option hold what only those should see who wrote it? */
export function isSecretOption(key: string): boolean {
  const lower = key.toLowerCase();
  return SECRET_PARTS.some((part) => lower.includes(part));
}
