import type { Condition, ConditionType, Truth } from "../status-types.ts";

/** A condition before it is known since when it holds. */
export type Answer = Omit<Condition, "lastTransitionTime">;

/** Puts an answer together. */
export function answer(type: ConditionType, status: Truth, reason: string, message: string): Answer {
  return { type, status, reason, message };
}

/** Adds since when each answer holds: the earlier time when the status is the same, whatever became of reason and message. */
export function withTransitionTimes(
  answers: readonly Answer[],
  earlier: readonly Condition[],
  now: string,
): Condition[] {
  return answers.map((entry) => {
    const before = earlier.find(({ type }) => type === entry.type);
    return {
      ...entry,
      lastTransitionTime: before?.status === entry.status ? before.lastTransitionTime : now,
    };
  });
}

/** A provider's reason as conditions spell it: NAME_TAKEN → NameTaken. */
export function camelReason(reason: string): string {
  return reason.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
