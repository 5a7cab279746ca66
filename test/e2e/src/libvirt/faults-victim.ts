import type { ProviderConnection } from "@virtrigaud/kit/client";
import { type PrivateLibvirtd, startLibvirtProvider } from "@virtrigaud/test-tools";
import { changeOf } from "./faults-frames.ts";
import { startLibvirtProxy } from "./faults-proxy.ts";

/** Where a daemon is killed, counted from the moment that its work begins. */
export type KillPoint =
  /** When libvirtd has made its change of this index, before the daemon hears of it. */
  | { readonly afterChange: number }
  /** When this many pieces of an upload are on their way, of which libvirtd gets all but the last. */
  | { readonly atPiece: number };

/** A provider daemon that dies at a point of its work. */
export interface Victim {
  /** Lets the daemon work until it is killed or done; answers whether it lived to be done, and what it had libvirtd change. */
  work(
    point: KillPoint | undefined,
    act: (connection: ProviderConnection) => Promise<unknown>,
  ): Promise<Fate>;
}

export interface Fate {
  readonly survived: boolean;
  readonly changes: readonly string[];
}

/** Settings of every daemon of these tests. */
export const settings = { accel: "tcg", allowedImageHosts: ["127.0.0.1"] };

/** Starts a daemon whose way to libvirtd is watched. */
export async function startVictim({ socket }: PrivateLibvirtd): Promise<Victim> {
  const changes: string[] = [];
  let pieces = 0;
  let isAtWork = false;
  let point: KillPoint | undefined;
  let tellKilled = () => {};
  const killed = new Promise<void>((resolve) => {
    tellKilled = resolve;
  });
  /** Answers whether the daemon lives on. */
  const meets = (isThere: boolean): boolean => {
    if (isThere) process.kill(daemon.pid, "SIGKILL");
    if (isThere) tellKilled();
    return !isThere;
  };
  const proxy = await startLibvirtProxy({
    target: socket,
    onReply: ({ procedure }) => {
      const change = isAtWork ? changeOf(procedure) : undefined;
      if (change === undefined) return true;
      const index = changes.push(change) - 1;
      return meets(point !== undefined && "afterChange" in point && point.afterChange === index);
    },
    onUpload: () => {
      pieces += isAtWork ? 1 : 0;
      return meets(point !== undefined && "atPiece" in point && point.atPiece === pieces);
    },
  });
  const daemon = await startLibvirtProvider(proxy.uri, { settings });
  return {
    async work(wanted, act) {
      point = wanted;
      isAtWork = true;
      const done = act(daemon.connection).then(
        () => undefined,
        (error: unknown) => error,
      );
      const failure = await Promise.race([done, killed.then(() => new Error("killed"))]);
      await daemon.kill();
      await proxy.stop();
      await done;
      if (failure !== undefined && wanted === undefined) throw failure;
      return { survived: failure === undefined, changes };
    },
  };
}
