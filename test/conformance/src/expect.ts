import { isDeepStrictEqual } from "node:util";
import type { Violation } from "@virtrigaud/proto";
import { codeName, ProviderCallError, type status } from "@virtrigaud/kit/client";

/** The provider does not keep to the contract: the message says what was expected and what came. */
export class Failure extends Error {}

/** The case does not apply to this backend, for the reason given. */
export class Skip extends Error {}

/** Fails with the message unless the condition holds. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Failure(message);
}

/** Fails unless the two are deeply equal. */
export function expectEqual<T>(actual: T, expected: T, what: string): void {
  expect(isDeepStrictEqual(actual, expected), `${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Fails unless one of the values came. */
export function expectOneOf<T>(actual: T, expected: readonly T[], what: string): void {
  expect(
    expected.includes(actual),
    `${what}: expected ${expected.map(show).join(" or ")}, got ${show(actual)}`,
  );
}

/** Fails unless the value is there, and returns it. */
export function expectPresent<T>(value: T | undefined, what: string): T {
  expect(value !== undefined, `${what}: expected to be set, got nothing`);
  return value;
}

/** What error is expected. */
export interface ExpectedError {
  readonly code: status | readonly status[];
  /** Reason in ErrorInfo; without it any will do. */
  readonly reason?: string;
}

/** Fails unless the call is answered with that error, and returns it. */
export async function expectError(
  call: Promise<unknown>,
  { code, reason }: ExpectedError,
  what: string,
): Promise<ProviderCallError> {
  const codes = [code].flat() as status[];
  const wanted = `${codes.map(codeName).join(" or ")}${reason ? ` ${reason}` : ""}`;
  const error = await errorOf(call);
  expect(error !== undefined, `${what}: expected ${wanted}, got a success`);
  const right = codes.includes(error.code) && (reason === undefined || error.reason === reason);
  expect(right, `${what}: expected ${wanted}, got ${describe(error)}`);
  return error;
}

/** The error that a call is answered with; undefined after a success. */
export async function errorOf(call: Promise<unknown>): Promise<ProviderCallError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof ProviderCallError) return error;
    throw error;
  }
}

/** An error of a call for people. */
export function describe({ rpc, codeName: code, reason, message }: ProviderCallError): string {
  return `${code}${reason ? ` ${reason}` : ""} from ${rpc} (${message})`;
}

/** The paths of violations, sorted. */
export function fieldsOf(violations: readonly Violation[]): string[] {
  return violations.map(({ field }) => field).sort();
}

/** Longer values are cut: a message is read by people. */
const shownCharacters = 400;

function show(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
