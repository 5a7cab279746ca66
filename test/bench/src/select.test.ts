import { expect, test } from "@jest/globals";
import type { Measurement } from "./measurement.ts";
import { select } from "./select.ts";

const measurement = (...ids: string[]): Measurement => ({
  rows: ids.map((id) => ({ id, unit: "ms" })),
  measure: async () => ({}),
});
const create = measurement("vsphere.create.rate.c1");
const grpc = measurement("grpc.create.ratio");
const footprint = measurement("provider.ready_ms", "provider.rss_mib");
const all = [create, grpc, footprint];

test.each([
  [[], all, ["vsphere.create.rate.c1", "grpc.create.ratio", "provider.ready_ms", "provider.rss_mib"], []],
  [["grpc"], [grpc], ["grpc.create.ratio"], []],
  [["provider.rss"], [footprint], ["provider.rss_mib"], []],
  [["create", "vsphere"], [create], ["vsphere.create.rate.c1"], ["create"]],
])("%j selects", (names, measurements, ids, unknown) => {
  expect(select(all, names)).toEqual({ measurements, ids: new Set(ids), unknown });
});
