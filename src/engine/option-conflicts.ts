import { SqlError } from "../base/errors.ts";

/** An option and the value of it that is meant; undefined: any. */
interface Setting {
  readonly key: string;
  readonly value?: string | undefined;
}

const CONTINUOUS: Setting = { key: "state.synchronization", value: "continuous" };
const JDBC: Setting = { key: "state.backend.type", value: "jdbc" };
const ENCRYPTION: Setting = { key: "execution.checkpointing.encryption-key" };
const REPLICAS: Setting = { key: "execution.checkpointing.replicas" };

/** Settings that would promise together what is not done. */
const CONFLICTS: readonly (readonly [one: Setting, other: Setting, why: string])[] = [
  [
    CONTINUOUS,
    { key: "state.backend.type", value: "rocksdb" },
    "its checkpoints are files of the database, not changes",
  ],
  [CONTINUOUS, JDBC, "its checkpoints are rows of the database, not changes"],
  [CONTINUOUS, { key: "execution.checkpointing.incremental", value: "false" }, "the log consists of increments"],
  [CONTINUOUS, REPLICAS, "the log lies in one place"],
  [JDBC, ENCRYPTION, "rows of state in the database are not encrypted; encrypt the database's disks"],
  [JDBC, REPLICAS, "the rows of state lie in one database; replicate the database"],
];

/** Throws UNSUPPORTED for options of a job that do not go together. */
export function checkConflicts(values: ReadonlyMap<string, string>): void {
  const isSet = ({ key, value }: Setting): boolean => {
    const given = values.get(key)?.trim().toLowerCase() ?? "";
    return value === undefined ? given !== "" : given === value;
  };
  const found = CONFLICTS.find(([one, other]) => isSet(one) && isSet(other));
  if (found === undefined) return;
  const [one, other, why] = found;
  throw new SqlError("UNSUPPORTED", `${shown(one)} does not go together with ${shown(other)}: ${why}`, {
    hint: "leave out one of the two",
  });
}

function shown({ key, value }: Setting): string {
  return value === undefined ? `'${key}'` : `'${key}' = '${value}'`;
}
