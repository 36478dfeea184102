import { expect, test } from "vitest";
import { Openings } from "./openings.ts";

test("what was said at the opening comes first, the rest in the order in which it came", () => {
  const heard: string[] = [];
  const openings = new Openings<{ opening: boolean; text: string }>(2, (sender, { text }) =>
    heard.push(`${sender} ${text}`),
  );
  openings.arrive(0, { opening: true, text: "opens" });
  openings.arrive(0, { opening: false, text: "row 1" });
  openings.arrive(0, { opening: false, text: "row 2" });
  expect(heard).toEqual(["0 opens"]);
  openings.arrive(2, { opening: true, text: "ends" });
  openings.arrive(2, { opening: false, text: "credit" });
  expect(heard).toEqual(["0 opens", "2 ends", "0 row 1", "0 row 2", "2 credit"]);
});
