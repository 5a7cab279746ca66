import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** What a program in the guest came to. */
export interface GuestExit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** A connection to QEMU's guest agent by the socket of its virtio port: one command at a time, one line each. */
export class GuestAgent {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  /** Connects and waits until the agent in the guest answers. */
  static async connect(path: string, signal: AbortSignal): Promise<GuestAgent> {
    const socket = connect({ path, signal });
    await once(socket, "connect", { signal });
    const agent = new GuestAgent(socket);
    // Kept by the virtio port until the guest reads it, so it is sent once and the answer comes when the agent is up.
    const id = process.pid;
    while ((await agent.call("guest-sync", { id })) !== id) continue;
    return agent;
  }

  /** @throws Error with the agent's own words. */
  async call(execute: string, args: object = {}): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the guest agent's socket closed before ${execute} was answered`);
    const reply = JSON.parse(value) as Reply;
    if (reply.error) throw new Error(`${execute}: ${reply.error.class}: ${reply.error.desc}`);
    return reply.return;
  }

  /** Runs a shell command line in the guest to its end. */
  async shell(script: string): Promise<GuestExit> {
    const start = { path: "/bin/sh", arg: ["-c", script], "capture-output": true };
    const { pid } = (await this.call("guest-exec", start)) as { pid: number };
    for (;;) {
      const status = (await this.call("guest-exec-status", { pid })) as ExecStatus;
      if (status.exited) return exitOf(status);
      await sleep(50);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

function exitOf(status: ExecStatus): GuestExit {
  const text = (data: string | undefined) => Buffer.from(data ?? "", "base64").toString("utf8");
  return { code: status.exitcode ?? -1, stdout: text(status["out-data"]), stderr: text(status["err-data"]) };
}
