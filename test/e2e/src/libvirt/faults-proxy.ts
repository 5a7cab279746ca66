import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Frame, splitFrames } from "./faults-frames.ts";

/** A call on its way to libvirtd. */
export interface ProxiedCall {
  /** Of libvirt's remote protocol; see {@link changeOf}. */
  readonly procedure: number;
}

/** What becomes of a call: "stop" never forwards it, nor anything after it on its connection. */
export type CallFate = "pass" | "stop" | { readonly delayMs: number };

export interface LibvirtProxyOptions {
  /** Socket of the libvirtd. */
  readonly target: string;
  /** Decides the fate of a call before libvirtd has it. Default: all pass. */
  readonly onCall?: (call: ProxiedCall) => CallFate;
  /** Told that libvirtd has answered a call, before the client is; false keeps the answer from it. */
  readonly onReply?: (call: ProxiedCall) => boolean;
  /** Told of bytes of a stream that go to libvirtd; false keeps them, and what follows, from it. */
  readonly onUpload?: () => boolean;
}

/** Stands between a client and libvirtd as the network does. */
export interface LibvirtProxy {
  readonly uri: string;
  /** Breaks all connections and accepts no more until {@link restore}; libvirtd itself runs on. */
  cut(): void;
  restore(): void;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a libvirtd's unix socket. */
export async function startLibvirtProxy(options: LibvirtProxyOptions): Promise<LibvirtProxy> {
  const folder = await mkdtemp(join(tmpdir(), "libvirt-proxy-"));
  const socket = join(folder, "libvirt-sock");
  const clients = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    clients.add(client);
    client.once("close", () => clients.delete(client));
    relay(client, options);
  });
  server.listen(socket);
  await once(server, "listening");
  const cut = () => {
    isCut = true;
    for (const client of clients) client.destroy();
  };
  return {
    uri: `qemu+unix:///session?socket=${socket}`,
    cut,
    restore: () => {
      isCut = false;
    },
    async stop() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(folder, { recursive: true });
    },
  };
}

function relay(client: Socket, { target, onCall, onReply, onUpload }: LibvirtProxyOptions): void {
  const upstream = connect(target);
  const under = new Map<number, ProxiedCall>();
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) socket.on("error", end).once("close", end);

  const fateOf = (frame: Frame): CallFate => {
    if (frame.kind === "stream") return onUpload?.() === false ? "stop" : "pass";
    if (frame.kind !== "call") return "pass";
    under.set(frame.serial, frame);
    return onCall?.(frame) ?? "pass";
  };
  // One after the other, so that a call that is held up does not change the order.
  let turn: Promise<boolean> = Promise.resolve(true);
  const forward = async (frame: Frame, goesOn: boolean): Promise<boolean> => {
    const fate = goesOn ? fateOf(frame) : "stop";
    if (fate === "stop") return false;
    if (fate !== "pass") await new Promise((resolve) => setTimeout(resolve, fate.delayMs));
    upstream.write(frame.bytes);
    return true;
  };
  splitFrames(client, (frame) => {
    turn = turn.then((goesOn) => forward(frame, goesOn));
  });
  splitFrames(upstream, (frame) => {
    const call = frame.kind === "reply" ? under.get(frame.serial) : undefined;
    if (call !== undefined) under.delete(frame.serial);
    if (call === undefined || onReply?.(call) !== false) client.write(frame.bytes);
  });
}
