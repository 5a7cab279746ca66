import { setImmediate as nextTurn } from "node:timers/promises";

/** How long others may be kept waiting. */
const sliceMs = 10;

/** Lets others have their turn between the items of a long piece of work. */
export async function* unhurried<T>(items: Iterable<T>): AsyncGenerator<T> {
  let since = performance.now();
  for (const item of items) {
    if (performance.now() - since > sliceMs) {
      await nextTurn();
      since = performance.now();
    }
    yield item;
  }
}
