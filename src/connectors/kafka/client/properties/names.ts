/**
 * What becomes of a property of the Java clients:
 * - `connection`: obeyed by this client.
 * - `table`: obeyed by the source or the sink, which read it themselves.
 * - `tuning`: only tunes the Java client's own machinery; accepted, without effect.
 * - `refused`: would change who is trusted or what code runs, and cannot be obeyed.
 */
export type PropertyUse = "connection" | "table" | "tuning" | "refused";

export interface KafkaProperty {
  readonly name: string;
  readonly use: PropertyUse;
  /** What happens instead, or what it does. */
  readonly note: string;
}

const obeyed = (name: string, note: string): KafkaProperty => ({ name, use: "connection", note });
const ofTable = (name: string, note: string): KafkaProperty => ({ name, use: "table", note });
const tuning = (name: string, note: string): KafkaProperty => ({ name, use: "tuning", note });
const refused = (name: string, note: string): KafkaProperty => ({ name, use: "refused", note });

const OWN_TRANSPORT = "connections are made on demand, again after a loss, with 'retry.backoff.ms' between attempts";
const NO_MEMBERSHIP = "partitions are assigned by the job, without membership in a consumer group";
const NO_METRICS = "metrics of the Java client do not exist";
const FORMATS = "formats encode and decode";
const NO_CODE = "Java classes cannot be loaded";
const KERBEROS = "Kerberos (GSSAPI) is not supported";

/** A name that ends in `*` stands for all that start so. Security options that are not here are refused as unknown. */
export const KAFKA_PROPERTIES: readonly KafkaProperty[] = [
  obeyed("bootstrap.servers", "addresses to start from, `host:port` separated by commas"),
  obeyed("client.id", "name in the brokers' logs and quotas"),
  obeyed("security.protocol", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
  obeyed("ssl.protocol", "highest version of TLS"),
  obeyed("ssl.enabled.protocols", "TLSv1.2, TLSv1.3"),
  obeyed("ssl.endpoint.identification.algorithm", "empty: the host name in the certificate is not checked"),
  obeyed("ssl.truststore.type", "PEM (others: convert)"),
  obeyed("ssl.truststore.location", "file with the authorities' certificates"),
  obeyed("ssl.truststore.certificates", "the authorities' certificates themselves, PEM"),
  obeyed("ssl.truststore.password", "not needed for PEM"),
  obeyed("ssl.keystore.type", "PEM or PKCS12"),
  obeyed("ssl.keystore.location", "file with the client's key and certificates"),
  obeyed("ssl.keystore.key", "the client's key itself, PEM"),
  obeyed("ssl.keystore.certificate.chain", "the client's certificates themselves, PEM"),
  obeyed("ssl.keystore.password", "of a PKCS12 file"),
  obeyed("ssl.key.password", "of the key"),
  obeyed("sasl.mechanism", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"),
  obeyed("sasl.jaas.config", "login module and its options, as for Java"),
  obeyed("sasl.oauthbearer.token.endpoint.url", "where tokens come from, by client credentials"),
  obeyed("sasl.oauthbearer.client.credentials.client.id", "instead of clientId in sasl.jaas.config"),
  obeyed("sasl.oauthbearer.client.credentials.client.secret", "instead of clientSecret in sasl.jaas.config"),
  obeyed("sasl.oauthbearer.scope", "instead of scope in sasl.jaas.config"),
  obeyed("sasl.oauthbearer.header.urlencode", "id and secret are URL-encoded in the Authorization header"),
  obeyed("sasl.login.connect.timeout.ms", "how long the token endpoint may take"),
  obeyed("sasl.login.read.timeout.ms", "how long the token endpoint may take"),
  obeyed("sasl.login.callback.handler.class", "Kafka's own OAuthBearerLoginCallbackHandler only"),
  obeyed("request.timeout.ms", "how long a request may take (30 s)"),
  obeyed("default.api.timeout.ms", "how long a call may take with its retries (60 s)"),
  obeyed("delivery.timeout.ms", "how long a write may take with its retries (120 s)"),
  obeyed("retry.backoff.ms", "first pause before a retry (100 ms)"),
  obeyed("retry.backoff.max.ms", "longest pause before a retry (1 s)"),
  obeyed("socket.connection.setup.timeout.ms", "how long a connection may take to be made (10 s)"),
  obeyed("metadata.max.age.ms", "leaders are looked up again after this time (5 min)"),
  obeyed("fetch.max.wait.ms", "how long the broker waits for `fetch.min.bytes` at most (500 ms; less at first)"),
  obeyed("fetch.min.bytes", "the broker answers as soon as it has so many (1)"),
  obeyed("fetch.max.bytes", "limit of one answer (50 MiB)"),
  obeyed("max.partition.fetch.bytes", "limit for each partition (1 MiB)"),

  ofTable("group.id", "whose offsets are read and committed"),
  ofTable("isolation.level", "read_uncommitted or read_committed"),
  ofTable("auto.offset.reset", "where to start without a committed offset"),
  ofTable("enable.auto.commit", "offsets are committed with checkpoints, or not at all"),
  ofTable("auto.commit.interval.ms", "offsets are committed with checkpoints"),
  ofTable("commit.offsets.on.checkpoint", "false: offsets are not committed"),
  ofTable("partition.discovery.interval.ms", "scan.topic-partition-discovery.interval"),
  ofTable("client.id.prefix", "prefix of client.id"),
  ofTable("acks", "by the delivery guarantee"),
  ofTable("enable.idempotence", "by the delivery guarantee"),
  ofTable("compression.type", "codec of written batches"),
  ofTable("compression.*", "level of the codec"),
  ofTable("linger.ms", "how long a batch waits for more rows"),
  ofTable("batch.size", "bytes of a written batch"),
  ofTable("max.request.size", "largest row"),
  ofTable("transaction.timeout.ms", "after which brokers abort a transaction"),
  ofTable("transactional.id", "by sink.transactional-id-prefix"),

  ...["reconnect.backoff.ms", "reconnect.backoff.max.ms", "connections.max.idle.ms", "retries"].map((name) =>
    tuning(name, OWN_TRANSPORT),
  ),
  ...["socket.connection.setup.timeout.max.ms", "send.buffer.bytes", "receive.buffer.bytes", "client.dns.lookup"].map(
    (name) => tuning(name, OWN_TRANSPORT),
  ),
  ...["metadata.max.idle.ms", "metadata.recovery.*", "client.rack", "check.crcs"].map((name) =>
    tuning(name, OWN_TRANSPORT),
  ),
  ...["max.poll.records", "max.poll.interval.ms", "session.timeout.ms", "heartbeat.interval.ms"].map((name) =>
    tuning(name, NO_MEMBERSHIP),
  ),
  ...["partition.assignment.strategy", "group.instance.id", "group.protocol", "group.remote.assignor"].map((name) =>
    tuning(name, NO_MEMBERSHIP),
  ),
  tuning("exclude.internal.topics", "internal topics match no pattern"),
  tuning("allow.auto.create.topics", "topics are never created by reading or writing"),
  ...["buffer.memory", "max.block.ms", "max.in.flight.requests.per.connection"].map((name) =>
    tuning(name, "the sink bounds what waits by bytes"),
  ),
  ...["partitioner.*", "transaction.two.phase.commit.enable"].map((name) =>
    tuning(name, "the sink partitions and commits by its own options"),
  ),
  ...[
    "metrics.*",
    "metric.reporters",
    "auto.include.jmx.reporter",
    "enable.metrics.push",
    "register.consumer.metrics",
  ].map((name) => tuning(name, NO_METRICS)),
  ...["key.serializer", "value.serializer", "key.deserializer", "value.deserializer"].map((name) =>
    tuning(name, FORMATS),
  ),
  ...["ssl.provider", "ssl.trustmanager.algorithm", "ssl.keymanager.algorithm", "ssl.secure.random.implementation"].map(
    (name) => tuning(name, "TLS is Node's"),
  ),
  tuning("sasl.login.refresh.*", "tokens are fetched again before they expire"),
  tuning("sasl.login.retry.*", "logins are repeated with 'retry.backoff.ms'"),

  refused("interceptor.classes", NO_CODE),
  refused("security.providers", NO_CODE),
  refused("ssl.engine.factory.class", NO_CODE),
  refused("ssl.cipher.suites", "the cipher suites are Node's"),
  refused("sasl.client.callback.handler.class", NO_CODE),
  refused("sasl.login.class", NO_CODE),
  refused("sasl.kerberos.*", KERBEROS),
  refused("sasl.oauthbearer.*", "only tokens by client credentials are supported"),
  refused("config.providers*", NO_CODE),
];

/** The declaration of a property; an exact name goes before a pattern. */
export function findProperty(name: string): KafkaProperty | undefined {
  return (
    KAFKA_PROPERTIES.find((property) => property.name === name) ??
    KAFKA_PROPERTIES.find((property) => property.name.endsWith("*") && name.startsWith(property.name.slice(0, -1)))
  );
}
