import { once } from "node:events";

/** What a helper process does for its parent. */
export interface Service {
  readonly address: string;
  stop(): Promise<void>;
}

/** The other end of `startChild`: takes the order, serves, tells where, and ends when the parent lets go. */
export async function runChild<T>(start: (order: T) => Promise<Service>): Promise<void> {
  const [order] = (await once(process, "message")) as [T];
  const service = await start(order);
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.once("disconnect", () => void service.stop().finally(() => process.exit()));
  process.send?.(service.address);
}
