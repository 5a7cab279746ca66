import { startSoapProxy } from "@virtrigaud/test-tools";
import { runChild } from "../child-process.ts";
import type { DelayOrder } from "./delay-proxy.ts";

await runChild(async ({ target, delayMs: ms }: DelayOrder) => {
  const proxy = await startSoapProxy({ target, onCall: () => ({ kind: "delay", ms }) });
  return { address: proxy.url, stop: () => proxy.close() };
});
