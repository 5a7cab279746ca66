import { setTimeout as sleep } from "node:timers/promises";

/** Repeats a check until it passes, for five seconds at most. */
export async function eventually(check: () => void): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      check();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(50);
    }
  }
}
