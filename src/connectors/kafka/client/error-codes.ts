/**
 * Kafka's error codes, as far as brokers send them to the requests of this client. `retry`: what a repetition needs first:
 * nothing, the topic's metadata again, or the coordinator again.
 */
const CODES = [
  [-1, "UNKNOWN_SERVER_ERROR"],
  [1, "OFFSET_OUT_OF_RANGE"],
  [2, "CORRUPT_MESSAGE", "again"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "leader"],
  [4, "INVALID_FETCH_SIZE"],
  [5, "LEADER_NOT_AVAILABLE", "leader"],
  [6, "NOT_LEADER_OR_FOLLOWER", "leader"],
  [7, "REQUEST_TIMED_OUT", "again"],
  [8, "BROKER_NOT_AVAILABLE", "leader"],
  [9, "REPLICA_NOT_AVAILABLE", "leader"],
  [10, "MESSAGE_TOO_LARGE"],
  [12, "OFFSET_METADATA_TOO_LARGE"],
  [13, "NETWORK_EXCEPTION", "leader"],
  [14, "COORDINATOR_LOAD_IN_PROGRESS", "again"],
  [15, "COORDINATOR_NOT_AVAILABLE", "coordinator"],
  [16, "NOT_COORDINATOR", "coordinator"],
  [17, "INVALID_TOPIC_EXCEPTION"],
  [18, "RECORD_LIST_TOO_LARGE"],
  [19, "NOT_ENOUGH_REPLICAS", "again"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "again"],
  [21, "INVALID_REQUIRED_ACKS"],
  [22, "ILLEGAL_GENERATION"],
  [23, "INCONSISTENT_GROUP_PROTOCOL"],
  [24, "INVALID_GROUP_ID"],
  [25, "UNKNOWN_MEMBER_ID"],
  [26, "INVALID_SESSION_TIMEOUT"],
  [27, "REBALANCE_IN_PROGRESS"],
  [28, "INVALID_COMMIT_OFFSET_SIZE"],
  [29, "TOPIC_AUTHORIZATION_FAILED"],
  [30, "GROUP_AUTHORIZATION_FAILED"],
  [31, "CLUSTER_AUTHORIZATION_FAILED"],
  [32, "INVALID_TIMESTAMP"],
  [33, "UNSUPPORTED_SASL_MECHANISM"],
  [34, "ILLEGAL_SASL_STATE"],
  [35, "UNSUPPORTED_VERSION"],
  [36, "TOPIC_ALREADY_EXISTS"],
  [37, "INVALID_PARTITIONS"],
  [38, "INVALID_REPLICATION_FACTOR"],
  [39, "INVALID_REPLICA_ASSIGNMENT"],
  [40, "INVALID_CONFIG"],
  [41, "NOT_CONTROLLER", "leader"],
  [42, "INVALID_REQUEST"],
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT"],
  [44, "POLICY_VIOLATION"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER"],
  [46, "DUPLICATE_SEQUENCE_NUMBER"],
  [47, "INVALID_PRODUCER_EPOCH"],
  [48, "INVALID_TXN_STATE"],
  [49, "INVALID_PRODUCER_ID_MAPPING"],
  [50, "INVALID_TRANSACTION_TIMEOUT"],
  [51, "CONCURRENT_TRANSACTIONS", "again"],
  [52, "TRANSACTION_COORDINATOR_FENCED"],
  [53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
  [54, "SECURITY_DISABLED"],
  [55, "OPERATION_NOT_ATTEMPTED", "again"],
  [56, "KAFKA_STORAGE_ERROR", "leader"],
  [58, "SASL_AUTHENTICATION_FAILED"],
  [59, "UNKNOWN_PRODUCER_ID"],
  [60, "REASSIGNMENT_IN_PROGRESS"],
  [69, "GROUP_ID_NOT_FOUND"],
  [70, "FETCH_SESSION_ID_NOT_FOUND", "again"],
  [71, "INVALID_FETCH_SESSION_EPOCH", "again"],
  [72, "LISTENER_NOT_FOUND", "leader"],
  [73, "TOPIC_DELETION_DISABLED"],
  [74, "FENCED_LEADER_EPOCH", "leader"],
  [75, "UNKNOWN_LEADER_EPOCH", "leader"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE"],
  [77, "STALE_BROKER_EPOCH"],
  [78, "OFFSET_NOT_AVAILABLE", "again"],
  [79, "MEMBER_ID_REQUIRED"],
  [80, "PREFERRED_LEADER_NOT_AVAILABLE", "leader"],
  [81, "GROUP_MAX_SIZE_REACHED"],
  [82, "FENCED_INSTANCE_ID"],
  [83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", "leader"],
  [84, "ELECTION_NOT_NEEDED"],
  [87, "INVALID_RECORD"],
  [88, "UNSTABLE_OFFSET_COMMIT", "again"],
  [89, "THROTTLING_QUOTA_EXCEEDED", "again"],
  [90, "PRODUCER_FENCED"],
  [100, "UNKNOWN_TOPIC_ID", "leader"],
  [105, "TRANSACTIONAL_ID_NOT_FOUND"],
  [113, "TRANSACTION_ABORTABLE"],
] as const satisfies readonly (readonly [number, string, Repetition?])[];

/** What has to be looked up again before a request is repeated. */
export type Repetition = "again" | "leader" | "coordinator";

export type KafkaErrorName = (typeof CODES)[number][1] | `ERROR_${number}`;

const BY_CODE = new Map<number, { readonly name: KafkaErrorName; readonly repetition: Repetition | undefined }>(
  CODES.map(([code, name, repetition]) => [code, { name, repetition }]),
);
const REPETITIONS = new Map<KafkaErrorName, Repetition | undefined>(
  CODES.map(([, name, repetition]) => [name, repetition]),
);

/** The name of a code in an answer; undefined: no error (0). A code of a later Kafka is `ERROR_<code>`. */
export function kafkaErrorName(code: number): KafkaErrorName | undefined {
  if (code === 0) return undefined;
  return BY_CODE.get(code)?.name ?? `ERROR_${code}`;
}

/** Whether a request that got this answer may succeed later; undefined: no. */
export function repetitionAfter(name: KafkaErrorName): Repetition | undefined {
  return REPETITIONS.get(name);
}

const GONE: ReadonlySet<string> = new Set<KafkaErrorName>([
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "INVALID_TXN_STATE",
  "INVALID_PRODUCER_ID_MAPPING",
]);

/** The broker has ended the transaction that was asked about, or its id is somebody else's by now. */
export function isGone(name: string): boolean {
  return GONE.has(name);
}
