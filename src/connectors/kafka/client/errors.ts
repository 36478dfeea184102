import { SqlError, type ErrorDetails } from "../../../base/errors.ts";
import { kafkaErrorName, repetitionAfter, type KafkaErrorName, type Repetition } from "./error-codes.ts";

/** Faults that are seen on this side; brokers do not send them. */
export type ConnectionFault =
  | "CONNECTION_FAILED"
  | "CONNECTION_LOST"
  | "NO_ANSWER_IN_TIME"
  | "AUTHENTICATION_FAILED"
  | "CLOSED";

export type KafkaFault = KafkaErrorName | ConnectionFault;

export interface KafkaErrorDetails extends ErrorDetails {
  /** Default: by the fault; `"never"`: known not to help. */
  readonly repetition?: Repetition | "never" | undefined;
}

/** An error of the cluster or of the way to it; `fault` is Kafka's own name for it. */
export class KafkaError extends SqlError {
  readonly fault: KafkaFault;
  /** What to look up before the request may be repeated; undefined: repeating does not help. */
  readonly repetition: Repetition | undefined;

  constructor(fault: KafkaFault, message: string, details: KafkaErrorDetails = {}) {
    const asked = details.repetition ?? ownRepetition(fault);
    const repetition = asked === "never" ? undefined : asked;
    super("CONNECTOR_UNAVAILABLE", message, {
      ...details,
      hint: details.hint ?? HINTS[fault],
      retryable: details.retryable ?? (repetition !== undefined || fault === "CLOSED" || NEW_PRODUCER_HELPS.has(fault)),
    });
    this.fault = fault;
    this.repetition = repetition;
  }
}

/** A job that goes on from its checkpoint does so with another producer. */
const NEW_PRODUCER_HELPS: ReadonlySet<KafkaFault> = new Set([
  "UNKNOWN_SERVER_ERROR",
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
  "TRANSACTION_COORDINATOR_FENCED",
  "TRANSACTION_ABORTABLE",
]);

function ownRepetition(fault: KafkaFault): Repetition | undefined {
  switch (fault) {
    case "CONNECTION_FAILED":
    case "CONNECTION_LOST":
    case "NO_ANSWER_IN_TIME":
      return "leader";
    case "AUTHENTICATION_FAILED":
    case "CLOSED":
      return undefined;
    default:
      return repetitionAfter(fault);
  }
}

/** Throws when the code says so; `what` completes "Kafka answered X to …". */
export function throwOnCode(code: number, what: string, message?: string): void {
  const name = kafkaErrorName(code);
  if (name !== undefined) throw answered(name, what, message);
}

/** The error for an answer with this name. `message`: the broker's own words. */
export function answered(name: KafkaErrorName, what: string, message?: string): KafkaError {
  const words = message === undefined || message === "" ? "" : `: ${message}`;
  return new KafkaError(name, `Kafka answered ${name} to ${what}${words}`);
}

const HINTS: Partial<Record<KafkaFault, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION:
    "Create the topic first, or check its name; topics are not created by reading or writing.",
  TOPIC_AUTHORIZATION_FAILED: "The user lacks a right (READ, WRITE or DESCRIBE) on the topic.",
  GROUP_AUTHORIZATION_FAILED: "The user lacks the right READ on the group ('properties.group.id').",
  CLUSTER_AUTHORIZATION_FAILED: "The user lacks a right on the cluster (IDEMPOTENT_WRITE, DESCRIBE or ALTER).",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    "The user lacks the right WRITE on transactional ids with this 'sink.transactional-id-prefix'.",
  MESSAGE_TOO_LARGE: "Raise 'max.message.bytes' of the topic, or make the rows smaller.",
  RECORD_LIST_TOO_LARGE: "Raise 'segment.bytes' of the topic, or make the rows smaller.",
  INVALID_TRANSACTION_TIMEOUT:
    "'properties.transaction.timeout.ms' is above the brokers' 'transaction.max.timeout.ms' (15 min by default).",
  INVALID_PRODUCER_EPOCH:
    "Another job writes with the same 'sink.transactional-id-prefix', or the transaction was open for longer than 'properties.transaction.timeout.ms'.",
  PRODUCER_FENCED: "Another job writes with the same 'sink.transactional-id-prefix'.",
  UNSUPPORTED_VERSION: "The broker is too old or too new for this request.",
  NOT_ENOUGH_REPLICAS: "Fewer replicas are in sync than 'min.insync.replicas' of the topic asks for.",
};
