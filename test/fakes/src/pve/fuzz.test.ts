import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { endpoints } from "./endpoints/index.ts";
import { releaseOf } from "./release.ts";
import { Router } from "./api/router.ts";
import { ask } from "./testing/client.ts";
import { stopAfterEach, withPve } from "./testing/with-pve.ts";

stopAfterEach();

const router = new Router(endpoints, releaseOf("9.2").major);
/** Names and values that mean something somewhere, so that what is random gets past the first check. */
const words = [
  ...[
    "vmid",
    "node",
    "name",
    "scsi0",
    "ide2",
    "net0",
    "cpu",
    "memory",
    "delete",
    "revert",
    "digest",
    "target",
    "newid",
  ],
  ...[
    "snapname",
    "disk",
    "size",
    "storage",
    "content",
    "filename",
    "url",
    "command",
    "pid",
    "__proto__",
    "constructor",
  ],
];
const values = fc.oneof(
  fc.constantFrom(
    ...[
      "100",
      "101",
      "9000",
      "pve1",
      "local",
      "local:1",
      "local-lvm:8,format=raw",
      "none,media=cdrom",
      "+1G",
      "1",
      "0",
      "",
    ],
    ...[
      "virtio,bridge=vmbr0",
      "host,flags=+nested-virt",
      "order=scsi0",
      "s1",
      "scsi0",
      "local:cloudinit",
      "-1",
      ",,=,",
      "\0",
    ],
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const anything = fc.oneof(
  values,
  fc.boolean(),
  fc.double(),
  fc.constant(null),
  fc.array(values),
  fc.dictionary(values, values),
);

const request = fc.record({
  endpoint: fc.constantFrom(...endpoints),
  path: fc.dictionary(
    fc.constantFrom("node", "vmid", "storage", "snapname", "upid", "volume", "cputype"),
    values,
  ),
  known: fc.double({ min: 0, max: 1, noNaN: true }),
  params: fc.dictionary(
    fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 12 })),
    anything,
    {
      maxKeys: 6,
    },
  ),
  json: fc.boolean(),
});

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Every status that PVE answers to whatever it is sent. */
const STATUSES = new Set([200, 400, 401, 403, 500, 501, 595, 596]);

test("whatever is sent is answered as PVE answers, never by a mistake of the simulator", async () => {
  const { pve } = await withPve({
    templates: [{ vmid: 9000, name: "base" }],
    secondMs: 0,
    taskMs: 0,
  });
  const defaults: Record<string, string> = {
    node: "pve1",
    vmid: "100",
    storage: "local",
    snapname: "s1",
    upid: "x",
    volume: "iso/x.iso",
    cputype: "x",
  };
  const headers = { Authorization: `PVEAPIToken=${pve.token.id}=${pve.token.secret}` };
  await fc.assert(
    fc.asyncProperty(request, async ({ endpoint, path, known, params, json }) => {
      const url = endpoint.path.replace(/\{(\w+)\*?\}/g, (_, name: string) =>
        encodeURIComponent((known < 0.8 ? undefined : path[name]) ?? defaults[name] ?? "x"),
      );
      const names = Object.keys(router.schemasOf(endpoint));
      const named = Object.entries(params).map(([name, value], index): [string, unknown] => [
        index % 2 === 0 ? name : (names[name.length % names.length] ?? name),
        value,
      ]);
      const sendsJson = json && endpoint.method !== "GET" && endpoint.method !== "DELETE";
      const inQuery = endpoint.method === "DELETE" || endpoint.method === "GET";
      const query = inQuery
        ? `?${new URLSearchParams(named.map(([name, value]): [string, string] => [name, text(value)])).toString()}`
        : "";
      const answer = await ask(pve, {
        method: endpoint.method,
        path: `${url}${query}`,
        headers,
        json: sendsJson,
        ...(inQuery
          ? {}
          : {
              params: Object.fromEntries(
                named.map(([name, value]) => [name, sendsJson ? value : text(value)]),
              ),
            }),
      });
      expect(answer.reason).not.toBe("simulator failed");
      expect(STATUSES).toContain(answer.status);
      expect(answer.connection).toBe(answer.status < 400 ? "Keep-Alive" : "close");
    }),
    { numRuns: 1500, seed: 20260701 },
  );
  await Promise.all(pve.cluster.tasks.all().map((task) => task.done));
  for (const task of pve.cluster.tasks.all()) expect(task.exitStatus).not.toMatch(/^simulator/);
}, 60_000);

test("a parameter called __proto__ is as unknown as any other", async () => {
  const { pve } = await withPve();
  const headers = { Authorization: `PVEAPIToken=${pve.token.id}=${pve.token.secret}` };
  for (const [raw, json] of [
    ['{"vmid":100,"__proto__":{"cores":2}}', true],
    ["vmid=100&__proto__=1", false],
  ] as const) {
    const { status, body } = await ask(pve, { method: "POST", path: "/nodes/pve1/qemu", raw, json, headers });
    expect(status).toBe(400);
    expect(Object.keys((body as { errors: object }).errors)).toEqual(["__proto__"]);
  }
});

test("raw bodies of any bytes are read or refused", async () => {
  const { pve } = await withPve({ secondMs: 0, taskMs: 0 });
  const headers = { Authorization: `PVEAPIToken=${pve.token.id}=${pve.token.secret}` };
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
      fc.boolean(),
      async (raw, json) => {
        const answer = await ask(pve, { method: "POST", path: "/nodes/pve1/qemu", raw, json, headers });
        expect(answer.reason).not.toBe("simulator failed");
        expect([400, 500, 501]).toContain(answer.status);
      },
    ),
    { numRuns: 300, seed: 20260702 },
  );
}, 60_000);
