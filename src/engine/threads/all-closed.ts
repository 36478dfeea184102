/**
 * Waits until each of them has closed or failed to, then fails with the first failure. Who goes on earlier would start
 * a new attempt while a thread of the old one may still write.
 */
export async function allClosed(closings: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(closings)).find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
