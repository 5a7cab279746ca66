import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DomainEvent, eventKinds } from "../protocol/events.ts";
import type { Procedures } from "../protocol/procedures.ts";
import type { sessionProcedures } from "../protocol/procedures/connection.ts";
import type { Codec, Value } from "../xdr/codec.ts";
import { FakeConnection } from "./fake-connection.ts";

type All = Procedures & typeof sessionProcedures;
type Returned<N extends keyof All> = Value<All[N]["returns"]>;

/** What the fake answers to a call; throw FakeRefusal to refuse it. */
export type Answers = {
  readonly [N in keyof All]?: (args: Value<All[N]["args"]>) => Returned<N> | Promise<Returned<N>>;
};

export interface FakeOptions {
  /** Calls without an answer here are refused as unknown, as by a libvirtd that is too old for them. */
  readonly answers?: Answers;
  /** What volumes hold, by key; uploads replace it. */
  readonly volumes?: Map<string, Buffer>;
}

/** Speaks libvirt's protocol on a socket, keepalive, events and streams included. */
export class FakeLibvirtd {
  readonly socket: string;
  readonly volumes: Map<string, Buffer>;
  readonly answers: Answers;
  /** Calls received, handshakes included, oldest first. */
  readonly calls: string[] = [];
  /** Transfers that clients had dropped. */
  dropped = 0;
  /** Connections accepted since the start. */
  accepted = 0;
  readonly #folder: string;
  readonly #connections = new Set<FakeConnection>();
  #server: Server | undefined;
  #isFrozen = false;

  constructor(folder: string, { answers = {}, volumes = new Map() }: FakeOptions) {
    this.#folder = folder;
    this.socket = join(folder, "libvirt-sock");
    this.answers = answers;
    this.volumes = volumes;
  }

  get uri(): string {
    return `qemu+unix:///system?socket=${this.socket}`;
  }

  get connections(): readonly FakeConnection[] {
    return [...this.#connections];
  }

  /** Listens, again after kill. */
  async start(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
  }

  /** Breaks all connections and stops listening, as SIGKILL does. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const connection of this.#connections) connection.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Does nothing any more but stay connected, as SIGSTOP does. */
  freeze(): void {
    this.#isFrozen = true;
    for (const connection of this.#connections) connection.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const connection of this.#connections) connection.resume();
  }

  /** Tells an event to the connections that registered for its kind. */
  emit(event: DomainEvent): void {
    const { eventId, number, message } = eventKinds[event.kind];
    for (const connection of this.#connections)
      connection.emit(eventId, number, message as Codec<unknown>, event);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    this.accepted++;
    const connection = new FakeConnection(socket, this);
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
    if (this.#isFrozen) connection.pause();
  }
}

/** Starts a fake in a folder of its own; stop it after the test. */
export async function startFakeLibvirtd(options: FakeOptions = {}): Promise<FakeLibvirtd> {
  const fake = new FakeLibvirtd(await mkdtemp(join(tmpdir(), "fake-libvirtd-")), options);
  await fake.start();
  return fake;
}
