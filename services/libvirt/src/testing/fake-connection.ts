import type { Socket } from "node:net";
import { encodeFrame, encodeStreamHead, type Frame, FrameReader, type Header } from "../client/frame.ts";
import { answerTo, KEEP_ALIVE_PROGRAM, pingFrame } from "../client/keep-alive.ts";
import { REMOTE_PROGRAM, type Procedure } from "../protocol/procedure.ts";
import { procedures } from "../protocol/procedures.ts";
import { sessionProcedures } from "../protocol/procedures/connection.ts";
import { streamProcedures } from "../protocol/procedures/storage.ts";
import { failure } from "../protocol/types.ts";
import { type Codec, decode } from "../xdr/codec.ts";
import type { FakeLibvirtd } from "./fake-libvirtd.ts";
import { FakeRefusal } from "./fake-refusal.ts";

const NO_STORAGE_VOL = 50;
const RPC = { code: 39, domain: 7 };
/** What libvirtd sends at a time. */
const CHUNK_BYTES = 262_120;

/** Calls that every libvirtd answers the same. */
const HANDSHAKE: Readonly<Record<string, unknown>> = {
  authList: { types: [0] },
  connectSupportsFeature: { supported: true },
  connectOpen: {},
  connectGetLibVersion: { version: 9_000_000n },
};

const byNumber = new Map<string, readonly [string, Procedure]>(
  Object.entries({ ...procedures, ...sessionProcedures, ...streamProcedures }).map(([name, procedure]) => [
    `${procedure.program}/${procedure.number}`,
    [name, procedure as unknown as Procedure],
  ]),
);

/** One connection of the fake. */
export class FakeConnection {
  /** Most calls at work at one time. */
  maxInFlight = 0;
  /** Answers to `ping`. */
  pongs = 0;
  #inFlight = 0;
  readonly #socket: Socket;
  readonly #fake: FakeLibvirtd;
  readonly #frames = new FrameReader();
  readonly #registered = new Map<number, number>();
  readonly #uploads = new Map<number, { readonly key: string; readonly chunks: Buffer[] }>();

  constructor(socket: Socket, fake: FakeLibvirtd) {
    this.#socket = socket;
    this.#fake = fake;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const frame of this.#frames.push(chunk)) this.#take(frame);
    });
  }

  /** Bytes that the client has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Asks whether the client is there. */
  ping(): void {
    this.#socket.write(pingFrame());
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  emit(eventId: number, number: number, message: Codec<unknown>, event: object): void {
    const callbackId = this.#registered.get(eventId);
    if (callbackId === undefined) return;
    const head = {
      program: REMOTE_PROGRAM,
      version: 1,
      procedure: number,
      serial: 0,
    } as const;
    this.#send({ ...head, type: "message", status: "ok" }, message, { ...event, callbackId });
  }

  #take(frame: Frame): void {
    const { header } = frame;
    if (header.program === KEEP_ALIVE_PROGRAM) {
      const answer = answerTo(frame);
      if (answer === undefined) this.pongs++;
      else this.#socket.write(answer);
    } else if (header.type === "stream") this.#takeStream(frame);
    else void this.#answer(frame);
  }

  async #answer({ header, payload }: Frame): Promise<void> {
    const known = byNumber.get(`${header.program}/${header.procedure}`);
    const head: Header = { ...header, type: "reply" };
    this.maxInFlight = Math.max(this.maxInFlight, ++this.#inFlight);
    try {
      if (known === undefined) throw unknown(header);
      const [name, { args, returns }] = known;
      this.#fake.calls.push(name);
      const value = await this.#perform(name, header, decode(args, payload));
      this.#send(head, returns, value);
      if (name === "storageVolDownload") this.#sendVolume(head, decode(args, payload) as never);
    } catch (error) {
      if (!(error instanceof FakeRefusal)) throw error;
      this.#send({ ...head, status: "error" }, failure, refusal(error));
    } finally {
      this.#inFlight--;
    }
  }

  async #perform(name: string, header: Header, args: unknown): Promise<unknown> {
    const answer = (this.#fake.answers as Record<string, ((args: unknown) => unknown) | undefined>)[name];
    if (answer !== undefined) return answer(args);
    if (name === "connectDomainEventCallbackRegisterAny") return this.#register(args as { eventId: number });
    if (name in streamProcedures) return this.#openStream(name, header.serial, args as never);
    const usual = HANDSHAKE[name];
    if (usual === undefined) throw unknown(header);
    return usual;
  }

  #register({ eventId }: { readonly eventId: number }): { callbackId: number } {
    const callbackId = this.#registered.size;
    this.#registered.set(eventId, callbackId);
    return { callbackId };
  }

  #openStream(name: string, serial: number, { vol }: { readonly vol: { readonly key: string } }): object {
    if (!this.#fake.volumes.has(vol.key))
      throw new FakeRefusal(NO_STORAGE_VOL, "Storage volume not found", 18);
    if (name === "storageVolUpload") this.#uploads.set(serial, { key: vol.key, chunks: [] });
    return {};
  }

  #sendVolume(head: Header, { vol }: { readonly vol: { readonly key: string } }): void {
    const bytes = this.#fake.volumes.get(vol.key) ?? Buffer.alloc(0);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      this.#sendStream(head, "continue", bytes.subarray(at, at + CHUNK_BYTES));
    }
    this.#sendStream(head, "continue");
  }

  #takeStream({ header, payload }: Frame): void {
    const upload = this.#uploads.get(header.serial);
    if (header.status === "continue") {
      upload?.chunks.push(Buffer.from(payload));
      return;
    }
    if (header.status === "error") this.#fake.dropped++;
    if (header.status === "ok" && upload !== undefined) {
      this.#fake.volumes.set(upload.key, Buffer.concat(upload.chunks));
    }
    this.#sendStream(header, "ok");
  }

  #sendStream(head: Header, status: Header["status"], payload: Buffer = Buffer.alloc(0)): void {
    this.#socket.write(encodeStreamHead({ ...head, type: "stream", status }, payload.length));
    this.#socket.write(payload);
  }

  #send(head: Header, codec: Codec<unknown>, value: unknown): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame(head, codec, value));
  }
}

function unknown({ procedure }: Header): FakeRefusal {
  return new FakeRefusal(RPC.code, `unknown procedure: ${procedure}`, RPC.domain);
}

function refusal({ code, domain, message }: FakeRefusal) {
  return { code, domain, message, level: 2, number1: 0, number2: 0 };
}
