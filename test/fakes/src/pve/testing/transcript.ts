import { type Pve, startPve } from "../start.ts";
import { type Answer, ask } from "./client.ts";
import { recordedCluster } from "./recorded-cluster.ts";
import { stable } from "./stable.ts";

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
