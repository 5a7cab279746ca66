import { describe, expect, test } from "@jest/globals";
import { encodeOperationName, ProviderError, status } from "@virtrigaud/kit";
import fc from "fast-check";
import { type NamedOperation, operationName, parseOperationName, taskActions } from "./operation-name.ts";

const word = fc.string({ minLength: 1, maxLength: 40 });
const operations: fc.Arbitrary<NamedOperation> = fc.oneof(
  fc.record({
    kind: fc.constant("task" as const),
    action: fc.constantFrom(...(Object.keys(taskActions) as (keyof typeof taskActions)[])),
    uid: word,
    task: word,
  }),
  fc.record({
    kind: fc.constant("shutdown" as const),
    uid: word,
    vm: word,
    deadline: fc.nat({ max: 10 ** 14 }),
    onTimeout: fc.constantFrom("fail" as const, "power-off" as const),
  }),
  fc.record({ kind: fc.constant("done" as const), description: word }),
  fc.record({ kind: fc.constant("hosts" as const), names: fc.array(word, { maxLength: 5 }) }),
);

test("an operation survives its name", () => {
  fc.assert(
    fc.property(operations, (operation) =>
      expect(parseOperationName(operationName(operation))).toEqual(operation),
    ),
  );
});

const invalid = (name: string) => {
  try {
    return parseOperationName(name);
  } catch (error) {
    return error instanceof ProviderError ? [error.code, error.reason] : error;
  }
};
const refused = [status.INVALID_ARGUMENT, "INVALID_OPERATION_NAME"];

describe("a name that was never given out", () => {
  test.each<[string, string, string[]]>([
    ["an unknown kind", "reboot", ["x"]],
    ["a kind of Object's", "constructor", ["x"]],
    ["an unknown action", "task", ["format", "uid", "task-1"]],
    ["an action of Object's", "task", ["toString", "uid", "task-1"]],
    ["no task", "task", ["create", "uid", ""]],
    ["too few fields", "task", ["create", "uid"]],
    ["too many fields", "task", ["create", "uid", "task-1", "more"]],
    ["no deadline", "shutdown", ["uid", "vm-1", "", "power-off"]],
    ["a deadline that is no number", "shutdown", ["uid", "vm-1", "soon", "power-off"]],
    ["a deadline that never comes", "shutdown", ["uid", "vm-1", "1e999", "power-off"]],
    ["an unknown policy", "shutdown", ["uid", "vm-1", "1", "reset"]],
    ["no description", "done", []],
  ])("%s", (_, kind, fields) => {
    expect(invalid(encodeOperationName(kind, fields))).toEqual(refused);
  });

  test("anything at all", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (name) => expect(invalid(name)).toEqual(refused)));
  });

  test("anything in the right wrapping is one or is refused", () => {
    fc.assert(
      fc.property(word, fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }), (kind, fields) => {
        const name = encodeOperationName(kind, fields);
        const found = invalid(name);
        if (!Array.isArray(found)) expect(operationName(found as NamedOperation)).toBe(name);
        else expect(found).toEqual(refused);
      }),
    );
  });
});
