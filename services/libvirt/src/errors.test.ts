import { expect, test } from "@jest/globals";
import { ProviderError, status } from "@virtrigaud/kit";
import { LibvirtError, LibvirtUnreachable } from "./client/index.ts";
import { attempt, isFinal } from "./errors.ts";

const { DEADLINE_EXCEEDED, CANCELLED } = status;
const reason = (code: typeof DEADLINE_EXCEEDED | typeof CANCELLED) =>
  new ProviderError({ code, reason: "R", message: "the caller gave up" });
const refused = (code: number) =>
  new LibvirtError({ procedure: "p", code, domain: 10, level: 2, message: "no" });

test.each<[string, Error, boolean]>([
  ["libvirtd refuses the configuration", refused(67), true],
  ["the name is taken", refused(28), true],
  ["the domain is busy", refused(68), false],
  ["the connection is lost", new LibvirtUnreachable("gone", { sent: "maybe" }), false],
  ["the caller's deadline passes", reason(DEADLINE_EXCEEDED), false],
  ["the caller cancels", reason(CANCELLED), false],
  ["a defect", new TypeError("x"), false],
])("what was made is given up only when the call can never succeed: %s", async (_, error, expected) => {
  const thrown = await attempt("trying", () => Promise.reject(error)).catch((one: unknown) => one);
  expect(isFinal(thrown)).toBe(expected);
});
