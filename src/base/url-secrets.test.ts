import { expect, test } from "vitest";
import { withoutUrlSecrets } from "./url-secrets.ts";

test.each([
  ["jdbc:mysql://me:hidden@host:3306/db", "jdbc:mysql://me:******@host:3306/db"],
  ["jdbc:mysql://host/db?user=me&password=hidden&ssl=true", "jdbc:mysql://host/db?user=me&password=******&ssl=true"],
  [
    "OPTIONS('url' = 'jdbc:postgresql://:hidden@h/d', 'a' = 'b@c')",
    "OPTIONS('url' = 'jdbc:postgresql://:******@h/d', 'a' = 'b@c')",
  ],
  ["s3://bucket/a@b", "s3://bucket/a@b"],
  ["http://host:80/a@b", "http://host:80/a@b"],
])("%s", (text, shown) => {
  expect(withoutUrlSecrets(text)).toBe(shown);
});
