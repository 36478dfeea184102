import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import type { OptionDeclaration } from "../../base/options.ts";

/** Options of `s3:` (SET, -D, config file), with the names of Flink's S3 file systems. */
export const S3_OPTIONS: readonly (OptionDeclaration & { readonly minimum?: number })[] = [
  {
    name: "s3.endpoint",
    summary: "URL of an S3 server; default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, Amazon's of the region",
    type: "string",
  },
  {
    name: "s3.endpoint.region",
    summary: "region; default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1",
    type: "string",
  },
  { name: "s3.access-key", summary: "default: AWS_ACCESS_KEY_ID", type: "string" },
  { name: "s3.secret-key", summary: "default: AWS_SECRET_ACCESS_KEY", type: "string" },
  { name: "s3.session-token", summary: "of temporary credentials; default: AWS_SESSION_TOKEN", type: "string" },
  {
    name: "s3.path-style-access",
    summary: "the bucket stands in the path and not in the host; default: true with an endpoint, else false",
    type: "boolean",
  },
  {
    name: "s3.connection.timeout",
    summary: "so long a server may be silent before a request is tried again",
    type: "duration",
    default: "30 s",
  },
  {
    name: "s3.attempts.maximum",
    summary: "how often a request is tried that fails for reasons that may pass",
    type: "int",
    default: "8",
    minimum: 1,
  },
];

/** How a bucket is reached. */
export interface S3Settings {
  readonly bucket: string;
  readonly endpoint: URL;
  readonly pathStyle: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
  readonly timeoutMillis: number;
  readonly attempts: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws OPTION_MISSING without credentials, OPTION_INVALID. No message holds a secret. */
export function s3Settings(
  bucket: string,
  options: ReadonlyMap<string, string>,
  environment: Environment = process.env,
): S3Settings {
  const given = (option: string, ...variables: readonly string[]): string | undefined =>
    [options.get(option), ...variables.map((name) => environment[name])].find(
      (text) => text !== undefined && text !== "",
    );
  const accessKey = given("s3.access-key", "AWS_ACCESS_KEY_ID");
  const secretKey = given("s3.secret-key", "AWS_SECRET_ACCESS_KEY");
  if (accessKey === undefined || secretKey === undefined) {
    throw new SqlError("OPTION_MISSING", `there are no credentials for s3://${bucket}`, {
      hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or 's3.access-key' and 's3.secret-key'",
    });
  }
  // Keys and tokens of options belong together: a token of the environment is of other credentials.
  const ownKeys = options.get("s3.access-key") !== undefined;
  const region = given("s3.endpoint.region", "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1";
  const endpoint = given("s3.endpoint", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const pathStyle = options.get("s3.path-style-access");
  const timeout = options.get("s3.connection.timeout");
  return {
    bucket,
    endpoint: endpointUrl(endpoint ?? `https://s3.${region}.amazonaws.com`),
    pathStyle: pathStyle === undefined ? endpoint !== undefined : pathStyle.trim().toLowerCase() === "true",
    region,
    accessKey,
    secretKey,
    sessionToken: ownKeys ? options.get("s3.session-token") : given("s3.session-token", "AWS_SESSION_TOKEN"),
    timeoutMillis: (timeout === undefined ? undefined : parseDurationMillis(timeout)) ?? 30_000,
    attempts: Number(options.get("s3.attempts.maximum") ?? 8),
  };
}

function endpointUrl(text: string): URL {
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw new SqlError("OPTION_INVALID", "'s3.endpoint' is the URL of a server, without a user", {
      hint: "such as 'http://127.0.0.1:9000'",
    });
  }
  return url;
}
