import { createHash } from "node:crypto";
import type { ExecResult } from "../model/guest.ts";
import type { PveOptions } from "../options.ts";
import { type Pve, startPve } from "../start.ts";
import { type Answer, ask } from "./client.ts";

/** One recorded exchange with the real PVE. */
export interface Exchange {
  readonly name: string;
  readonly auth?: string;
  readonly method?: string;
  readonly path?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly json?: boolean;
  readonly raw?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly connection?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  /** A list of which only so many entries were kept. */
  readonly truncatedTo?: number;
  /** Of a race: what each of the racers got. */
  readonly results?: readonly { readonly status: number; readonly reason: string; readonly body: unknown }[];
}

/** An exchange as recorded and as simulated, both without what differs from run to run. */
export interface Comparison {
  readonly name: string;
  readonly recorded: unknown;
  readonly simulated: unknown;
}

const PASSWORD = "<password>";

/** A cluster like the recorded one, with the VMs that were there before. */
async function recordedCluster(state: { agentReady: boolean }): Promise<Pve> {
  const options: PveOptions = {
    version: "9.2",
    nodes: [
      {
        name: "pve1",
        vendor: "amd",
        cpus: 2,
        memoryBytes: 25276514304,
        kvm: false,
        virtualizationFlag: true,
      },
    ],
    storages: [{ id: "local", type: "dir", totalBytes: 270553174016, usedBytes: 33159401472 }],
    users: [
      { id: "root@pam", password: PASSWORD },
      { id: "bob@pve", password: "x" },
    ],
    tokens: [{ id: "root@pam!test" }, { id: "bob@pve!t" }],
    guest: ({ vmid }) => ({
      get agent() {
        return state.agentReady;
      },
      shutsDown: vmid !== 922,
      osinfo: {
        name: "guest",
        "kernel-release": "6.12.107+deb13-amd64",
        machine: "x86_64",
        "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)",
      },
      interfaces: [
        {
          name: "lo",
          "hardware-address": "00:00:00:00:00:00",
          "ip-addresses": [
            { prefix: 8, "ip-address-type": "ipv4", "ip-address": "127.0.0.1" },
            { prefix: 128, "ip-address-type": "ipv6", "ip-address": "::1" },
          ],
        },
        {
          name: "eth0",
          "hardware-address": "bc:24:11:00:01:40",
          "ip-addresses": [
            { "ip-address": "192.0.2.77", "ip-address-type": "ipv4", prefix: 24 },
            { prefix: 64, "ip-address": "fe80::be24:11ff:fe00:140", "ip-address-type": "ipv6" },
          ],
        },
      ],
      exec: guestProgram,
    }),
    web: (url) => `500 Can't connect to ${new URL(url).host} (Connection refused)`,
  };
  const pve = await startPve(options);
  addRecordedVms(pve);
  return pve;
}

function guestProgram([program, , script]: readonly string[]): ExecResult | undefined {
  if (program !== "/bin/sh") return undefined;
  if (script?.includes("exit 3")) return { exitcode: 3, err: "err\n" };
  return { exitcode: 0, out: "crw-------    1 root     0          10, 232 Nov 20 09:40 /dev/kvm\n1\n1\n" };
}

function addRecordedVms({ cluster }: Pve): void {
  const volumes = cluster.storages.get("local")?.volumes("pve1");
  const add = (vmid: number, file: string, sizeBytes: number, usedBytes: number) => {
    const name = `${vmid}/${file}`;
    const format = file.split(".")[1] ?? "raw";
    const common = {
      content: "images",
      parent: undefined,
      ctime: 1795163641,
      snapshots: new Set<string>(),
    } as const;
    volumes?.set(name, { name, format, vmid, sizeBytes, usedBytes, ...common });
  };
  add(100, "vm-100-disk-0.raw", 2 ** 30, 4096);
  add(110, "vm-110-disk-0.raw", 540672, 540672);
  add(110, "vm-110-disk-1.raw", 540672, 540672);
  add(110, "vm-110-disk-2.qcow2", 2 ** 30, 331776);
  add(110, "vm-110-disk-3.raw", 8704, 8192);
  add(120, "base-120-disk-0.qcow2", 2 ** 30, 335872);
  add(140, "vm-140-disk-0.qcow2", 2 ** 30, 331776);
  const disk = (file: string) => ({ scsi0: `local:${file},size=1G`, boot: "order=scsi0" });
  cluster.addVm(100, "pve1", {
    name: "nest",
    tags: "a;b;c",
    memory: "1024",
    ...disk("100/vm-100-disk-0.raw"),
  });
  cluster.addVm(110, "pve1", { tags: "a;b", memory: "2048", cores: "2", ...disk("110/vm-110-disk-2.qcow2") });
  cluster.addVm(120, "pve1", { template: "1", memory: "512", ...disk("120/base-120-disk-0.qcow2") });
  cluster.addVm(140, "pve1", {
    name: "l1",
    memory: "512",
    agent: "1",
    kvm: "0",
    cpu: "max,flags=+nested-virt",
    ...disk("140/vm-140-disk-0.qcow2"),
  });
}

/** Replays recorded exchanges in order and gives each as it was and as it is. */
export async function replay(exchanges: readonly Exchange[]): Promise<Comparison[]> {
  const state = { agentReady: false };
  const pve = await recordedCluster(state);
  const dead = await startPve({ nodes: [{ name: "pve1" }, { name: "pve9", online: false }] });
  const replayer = new Replayer(pve, dead);
  try {
    const comparisons: Comparison[] = [];
    for (const exchange of exchanges) {
      unrecorded(exchange.name, pve, state);
      comparisons.push(await replayer.compare(exchange));
    }
    return comparisons;
  } finally {
    await Promise.all([pve.stop(), dead.stop()]);
  }
}

/** What happened between the exchanges and was not recorded. */
function unrecorded(next: string, { cluster }: Pve, state: { agentReady: boolean }): void {
  if (next === "agent ping") state.agentReady = true;
  const config = cluster.vms.get(140)?.config;
  if (next === "stop agent vm" && config !== undefined) config["lock"] = "snapshot";
  const vm = cluster.vms.get(922);
  if (next === "start nested tcg" && vm !== undefined) vm.process = undefined;
}

class Replayer {
  readonly #pve: Pve;
  readonly #dead: Pve;
  /** What stands for recorded names: UPIDs, digests. */
  readonly #translated = new Map<string, string>();
  #ticket = { cookie: "", csrf: "" };

  constructor(pve: Pve, dead: Pve) {
    this.#pve = pve;
    this.#dead = dead;
  }

  async compare(exchange: Exchange): Promise<Comparison> {
    if (exchange.results !== undefined) return this.#race(exchange);
    const answer = await this.#send(exchange);
    this.#learn(exchange, answer);
    const { status, reason, connection, contentType, body } = exchange;
    const ours = contained(exchange, answer.body);
    return {
      name: exchange.name,
      recorded: stable({ status, reason, connection, contentType, body }),
      simulated: stable({ ...answer, body: ours }),
    };
  }

  async #race({ name, results }: Exchange): Promise<Comparison> {
    const racers = (results ?? []).map(() =>
      this.#send({ name, auth: "root", method: "POST", path: "/nodes/pve1/qemu", params: { vmid: 940 } }),
    );
    const answers = await Promise.all(racers);
    const won = answers.find((answer) => answer.status === 200);
    const recordedWin = (results ?? []).find((result) => result.status === 200);
    this.#translate(recordedWin?.body, won?.body);
    const simulated = answers.map(({ status, reason, body }) => ({ status, reason, body }));
    return { name, recorded: stable(results), simulated: stable(simulated) };
  }

  async #send({
    name,
    auth = "root",
    method = "GET",
    path = "",
    params,
    json = false,
    raw,
  }: Exchange): Promise<Answer> {
    const pve = path.includes("/pve9/") ? this.#dead : this.#pve;
    const [, encoded] = /\/tasks\/([^/]+)\//.exec(path) ?? [];
    const upid = encoded === undefined ? undefined : this.#translated.get(decodeURIComponent(encoded));
    // What was recorded is a task that had ended.
    if (upid !== undefined) await pve.cluster.tasks.get(upid)?.done;
    const known = upid === undefined ? path : path.replace(encoded as string, encodeURIComponent(upid));
    const translated = Object.entries(params ?? {}).map(([key, value]) => [
      key,
      this.#translated.get(String(value)) ?? value,
    ]);
    const [first, second] = pve.cluster.access.tokens;
    const token = auth === "bob" ? second : first;
    const inQuery = method === "DELETE" && name !== "delete with body";
    const query =
      inQuery && params !== undefined ? `?${new URLSearchParams(Object.fromEntries(translated))}` : "";
    return ask(pve, {
      method,
      path: `${known}${query}`,
      json,
      ...(raw === undefined ? {} : { raw }),
      ...(params === undefined || inQuery ? {} : { params: Object.fromEntries(translated) }),
      headers: this.#headers(name, auth, token?.id ?? "", token?.secret ?? ""),
    });
  }

  #headers(name: string, auth: string, id: string, secret: string): Record<string, string> {
    if (auth === "none") return {};
    if (auth === "bad") return { Authorization: `PVEAPIToken=${id}=wrong` };
    if (auth !== "ticket") return { Authorization: `PVEAPIToken=${id}=${secret}` };
    const csrf = name.includes("without CSRF") ? {} : { CSRFPreventionToken: this.#ticket.csrf };
    return { Cookie: `PVEAuthCookie=${encodeURIComponent(this.#ticket.cookie)}`, ...csrf };
  }

  #learn(exchange: Exchange, answer: Answer): void {
    this.#translate(exchange.body, answer.body);
    const data = (answer.body as { data?: Record<string, string> } | undefined)?.data;
    if (data?.["ticket"] !== undefined)
      this.#ticket = { cookie: data["ticket"], csrf: data["CSRFPreventionToken"] ?? "" };
  }

  /** Remembers what stands for a recorded task, digest or process. */
  #translate(recorded: unknown, simulated: unknown): void {
    const [theirs, ours] = [recorded, simulated].map(
      (body) => (body as { data?: unknown } | undefined)?.data,
    );
    if (typeof theirs === "string" && typeof ours === "string") this.#translated.set(theirs, ours);
    for (const key of ["digest", "pid"]) {
      const [their, our] = [theirs, ours].map(
        (data) => (data as Record<string, unknown> | null | undefined)?.[key],
      );
      if (their !== undefined && our !== undefined) this.#translated.set(String(their), String(our));
    }
  }
}

/** Of a list that was shortened, those of our entries that were kept. */
function contained({ truncatedTo, body }: Exchange, ours: unknown): unknown {
  const recorded = (body as { data?: unknown } | undefined)?.data;
  const data = (ours as { data?: unknown } | undefined)?.data;
  if (truncatedTo === undefined || !Array.isArray(recorded) || !Array.isArray(data)) return ours;
  const kept = new Set(recorded.map((entry) => JSON.stringify(stable(entry))));
  return { ...(ours as object), data: data.filter((entry) => kept.has(JSON.stringify(stable(entry)))) };
}

/** Values that are measured or made at random, by their names. */
const VOLATILE = new Set(
  [
    "pid pstart starttime endtime uptime cpu mem memhost netin netout disk diskread diskwrite digest vmgenid ctime",
    "snaptime used avail used_fraction ssl_fingerprint ticket CSRFPreventionToken loadavg idle wait free available",
    "rootfs kversion pveversion repoid mhz flags model family boot-info current-kernel maxdiskOfNode rx-bytes",
    "rx-packets tx-bytes tx-packets",
  ]
    .join(" ")
    .split(" "),
);

/** A body without what differs from run to run, lists in one order, comma lists sorted. */
function stable(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => stable(item));
    return items.every((item) => typeof item === "object") ? items.sort(byText) : items;
  }
  if (typeof value === "object" && value !== null) {
    const isNode = (value as { type?: string }).type === "node";
    // A row of a list of options.
    if ((value as { key?: string }).key === "digest") return { key: "digest" };
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [
          key,
          VOLATILE.has(key) || (isNode && key === "maxdisk") ? "*" : stable(inner, key),
        ]),
    );
  }
  if (typeof value !== "string") return value;
  if (name === "content") return value.split(",").sort().join(",");
  return anonymous(value);
}

const anonymous = (text: string) =>
  text
    .replace(/UPID:(\w+):[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:/g, "UPID:$1:*:")
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>")
    .replace(/\b([0-9A-F]{2}:){5}[0-9A-F]{2}\b/g, "<mac>")
    .replace(/ctime=\d+/g, "ctime=*")
    .replace(/instance-id: \w+/g, "instance-id: *");

const byText = (a: unknown, b: unknown) => {
  const [left, right] = [a, b].map((item) => createHash("sha1").update(JSON.stringify(item)).digest("hex"));
  return (left ?? "") < (right ?? "") ? -1 : 1;
};
