import { expect, test } from "@jest/globals";
import { parseResource } from "./parse.ts";
import { type Secret, secretEntries } from "./secret.ts";

test("a Secret's entries are the decoded data, overridden by stringData", () => {
  const { resource } = parseResource({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "pve" },
    data: { binary: "AP8=", username: "b2xk", folded: "cGFz\nc3dvcmQ=\n" },
    stringData: { username: "root@pam", empty: "" },
  });
  const entries = Object.fromEntries(secretEntries(resource as Secret));
  expect(entries).toEqual({
    binary: Buffer.from([0, 255]),
    username: Buffer.from("root@pam"),
    folded: Buffer.from("password"),
    empty: Buffer.from(""),
  });
});
