import { struct } from "../xdr/composites.ts";
import { encodeFrame, type Frame } from "./frame.ts";

export const KEEP_ALIVE_PROGRAM = 0x6b656570;
const VERSION = 1;
const PING = 1;
const PONG = 2;
const NOTHING = struct({});

/** Silence after which to ask, and how many questions may go unanswered. */
const INTERVAL_MS = 5000;
const MAX_UNANSWERED = 3;

export interface KeepAliveOptions {
  readonly send: (bytes: Buffer) => void;
  /** Told once, when the other side has been silent for too long. */
  readonly onDead: (silentMs: number) => void;
  /** Default 5,000. */
  readonly intervalMs?: number | undefined;
}

/** Asks a silent connection whether anybody is there. A frozen libvirtd keeps its connections open but does not answer. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #unanswered = 0;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), this.#intervalMs);
  }

  /** Something came: whatever it was, somebody is there. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? INTERVAL_MS;
  }

  #look(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered === MAX_UNANSWERED) {
      this.stop();
      this.#options.onDead((MAX_UNANSWERED + 1) * this.#intervalMs);
      return;
    }
    this.#unanswered++;
    this.#options.send(pingFrame());
  }
}

/** The question whether somebody is there. */
export function pingFrame(): Buffer {
  return keepAliveFrame(PING);
}

/** What to answer to a frame of the keepalive program, if anything. */
export function answerTo(frame: Frame): Buffer | undefined {
  return frame.header.procedure === PING ? keepAliveFrame(PONG) : undefined;
}

function keepAliveFrame(procedure: number): Buffer {
  const head = { program: KEEP_ALIVE_PROGRAM, version: VERSION, procedure, serial: 0 } as const;
  return encodeFrame({ ...head, type: "message", status: "ok" }, NOTHING, {});
}
