import { fail } from "../api/error.ts";

/** The lock files of VM configurations: one holder at a time, others wait a limited time. */
export class ConfigLocks {
  readonly #tails = new Map<number, Promise<void>>();
  readonly #secondMs: number;

  /** `secondMs`: how long one of PVE's seconds lasts. */
  constructor(secondMs: number) {
    this.#secondMs = secondMs;
  }

  /** Runs something under a VM's lock. Fails as PVE does when the lock is not free within so many seconds. */
  async hold<T>(vmid: number, seconds: number, run: () => Promise<T> | T): Promise<T> {
    const before = this.#tails.get(vmid);
    let release = () => {};
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = Promise.all([before, mine]).then(() => {});
    this.#tails.set(vmid, tail);
    try {
      if (before !== undefined && !(await within(before, seconds * this.#secondMs)))
        fail(`can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`);
      return await run();
    } finally {
      release();
      if (this.#tails.get(vmid) === tail) this.#tails.delete(vmid);
    }
  }
}

async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms).unref();
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
