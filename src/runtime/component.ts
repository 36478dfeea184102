/**
 * Nodes of one thread that are joined by direct calls. Its inputs (sources, exchanges) that have delivered a barrier
 * wait until the barrier has passed all of its nodes, so that nothing after the barrier gets in front of it.
 */
export class Component {
  readonly nodeIds: string[];
  /** Nodes that the barrier of the present checkpoint has not passed; 0: nothing waits. */
  waiting = 0;

  constructor(nodeId: string) {
    this.nodeIds = [nodeId];
  }

  absorb(other: Component): void {
    this.nodeIds.push(...other.nodeIds);
  }
}
