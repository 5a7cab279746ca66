import { expect, test } from "@jest/globals";
import { withPve } from "./testing/running.ts";

test("each slot of the pool shakes hands once, and the pool has no more than told", async () => {
  const { simulator, pve } = await withPve({ latencyMs: 5 }, { maxConnections: 4 });
  const round = () => Promise.all(Array.from({ length: 20 }, () => pve.api().version.$get()));
  for (let i = 0; i < 3; i++) await round();
  const connections = new Set(simulator.requests.map(({ connection }) => connection));
  expect([...connections].sort()).toEqual([1, 2, 3, 4]);
  expect(simulator.requests).toHaveLength(60);
});

test("calls one after the other take turns on two connections: undici lets each rest for a turn", async () => {
  const { simulator, pve } = await withPve();
  for (let vmid = 100; vmid < 110; vmid++) await pve.api().nodes.$("pve1").qemu.$post({ vmid });
  const connections = new Set(simulator.requests.map(({ connection }) => connection));
  expect(connections.size).toBeLessThanOrEqual(2);
});
