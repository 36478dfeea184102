/** Moments at which a process dies, by fault points (`faultPoint`): one process after another, then one that ends by itself. */
export interface Moment {
  readonly stage: "generator" | "join";
  readonly name: string;
  readonly faults: readonly string[];
}

const join = (name: string, ...faults: string[]): Moment => ({ stage: "join", name, faults });
const generator = (name: string, ...faults: string[]): Moment => ({ stage: "generator", name, faults });

export const MOMENTS: readonly Moment[] = [
  generator("a partition is in the transaction, nothing is written", "kafka.added:3"),
  generator("a batch is written", "kafka.produced:3"),
  generator("everything is written", "kafka.flushed:2"),
  generator("the transaction is marked", "kafka.marked:3"),
  generator("the checkpoint is complete, nothing is committed", "checkpoint.complete-not-committed:2"),
  generator("inside the commit, before its request", "kafka.before-commit:3"),
  generator("inside the commit, after its answer", "kafka.commit:3"),
  generator("the id of the first transaction is not initialised", "kafka.before-init"),
  generator("at the end, all committed", "run.before-finished"),
  generator(
    "one after another",
    "kafka.marked:2",
    "kafka.begun",
    "kafka.commit",
    "kafka.produced:2",
    "kafka.before-commit:2",
  ),
  join("a partition is in the first transaction", "kafka.added"),
  join("a batch is written in the first transaction", "kafka.produced"),
  join("a batch is written later", "kafka.produced:9"),
  join("one sink has flushed, the other has not", "kafka.flushed"),
  join("both sinks have flushed", "kafka.flushed:4"),
  join("one transaction is marked", "kafka.marked:3"),
  join("both transactions are marked", "kafka.marked:4"),
  join("one sink is prepared", "kafka.prepared:5"),
  join("both sinks are prepared", "kafka.prepared:6"),
  join("the state is not durable", "checkpoint.state-not-durable:2"),
  join("all is durable but the metadata", "checkpoint.before-durable:3"),
  join("the metadata has not its name", "checkpoint.durable-not-complete:2"),
  join("complete, nothing is committed", "checkpoint.complete-not-committed:3"),
  join("before the request of the first commit", "kafka.before-commit"),
  join("after the answer of the first commit", "kafka.commit"),
  join("between the commits of two transactions", "kafka.before-commit:4"),
  join("after the last of several commits", "kafka.commit:6"),
  join("between two sinks", "commit.between:2"),
  join("committed, the next id is not initialised", "kafka.before-init:5"),
  join("committed, the next id is not initialised, later", "kafka.before-init:9"),
  join("the first id is initialised", "kafka.initialised"),
  join("the prefix is taken, nothing is cleared", "kafka.marked:3", "kafka.leased"),
  join("what was left open is aborted", "kafka.marked:4", "kafka.aborted"),
  join("one sink has begun", "kafka.produced:5", "kafka.begun"),
  join("while restoring", "kafka.before-commit:3", "restore"),
  join(
    "in the commit after a restore, before the request",
    "checkpoint.complete-not-committed:2",
    "kafka.before-commit",
  ),
  join("in the commit after a restore, after the answer", "checkpoint.complete-not-committed:2", "kafka.commit"),
  join("after all commits of a restore", "checkpoint.complete-not-committed:3", "commit.after-restore"),
  join(
    "restored three times before it commits",
    "kafka.commit:3",
    "kafka.before-commit",
    "kafka.commit",
    "kafka.leased",
  ),
  join("at the end, all committed", "run.before-finished"),
  join(
    "one after another",
    "kafka.prepared:3",
    "kafka.before-init:5",
    "kafka.commit:3",
    "kafka.flushed:3",
    "run.before-finished",
  ),
];
