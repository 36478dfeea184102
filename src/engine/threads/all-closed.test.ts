import { expect, test } from "vitest";
import { allClosed } from "./all-closed.ts";

test("a thread that fails to close does not hide that another one is still writing", async () => {
  const closed: string[] = [];
  let finish = (): void => undefined;
  const slow = new Promise<void>((resolve) => (finish = resolve)).then(() => void closed.push("slow"));
  const all = allClosed([Promise.reject(new Error("first")), slow, Promise.reject(new Error("second"))]).finally(() =>
    closed.push("all"),
  );
  setTimeout(finish, 5);
  await expect(all).rejects.toThrow("first");
  expect(closed).toEqual(["slow", "all"]);
});
