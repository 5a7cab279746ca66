import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { basename } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { readLogLine } from "./log-line.ts";

/** What to run. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Lines on its standard output and error, except the one that says that it is ready. */
  readonly onLine: (line: string) => void;
}

/** How a child ended. */
export interface Ending {
  /** In words: "exited with code 1", "was ended by SIGKILL". */
  readonly how: string;
  /** Its exit code, when it ended by itself. */
  readonly exitCode: number | undefined;
}

/** A child ended, or was not ready in time. The message holds what it said last. */
export class ChildError extends Error {
  override readonly name = "ChildError";
  constructor(
    message: string,
    /** Its exit code, when it ended by itself. */
    readonly exitCode: number | undefined,
  ) {
    super(message);
  }
}

/** A running child process. Its standard input stays open as long as this process lives, by which it notices our death. */
export interface Child {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Asks it to end (SIGTERM and end of its standard input), waits, and kills it when it does not within the grace period. */
  stop(graceMs?: number): Promise<void>;
}

const GRACE_MS = 10_000;

/**
 * Starts a child and waits for the first line on its standard output that `readReady` accepts.
 * @throws ChildError that tells how the child ended or that it was not ready in time; the child is gone then
 */
export async function startChild<T>(
  options: ChildOptions,
  readReady: (line: string) => T | undefined,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ child: Child; ready: T }> {
  signal.throwIfAborted();
  // A process group of its own: Ctrl-C reaches the parent alone, which then ends its children in order.
  const process = spawn(options.command, options.args, {
    env: options.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const child = childOf(process);
  const said: string[] = [];
  const hear = (line: string) => {
    said.push(line);
    options.onLine(line);
  };
  const ready = new Promise<T>((resolve) => {
    let found = false;
    createInterface({ input: process.stdout }).on("line", (line) => {
      const value = found ? undefined : readReady(line);
      if (value === undefined) (found ? options.onLine : hear)(line);
      else resolve(value);
      found ||= value !== undefined;
    });
  });
  createInterface({ input: process.stderr }).on("line", hear);
  const failed = async (cause: Promise<Ending>): Promise<never> => {
    const { how, exitCode } = await cause;
    throw new ChildError(`${basename(options.command)} ${how}${lastWords(said)}`, exitCode);
  };
  const attempt = new AbortController();
  const stopped = AbortSignal.any([signal, attempt.signal]);
  try {
    const notReady: Ending = { how: `was not ready within ${timeoutMs / 1000} s`, exitCode: undefined };
    const late = sleep(timeoutMs, notReady, { signal: stopped });
    return { child, ready: await Promise.race([ready, failed(child.ended), failed(late)]) };
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    attempt.abort();
  }
}

function childOf(process: ChildProcessByStdio<Writable, Readable, Readable>): Child {
  const ended = ending(process);
  // A child that is gone breaks the pipe; its end is told by `ended`.
  process.stdin.on("error", () => undefined);
  return {
    pid: process.pid ?? 0,
    ended,
    stop: async (graceMs = GRACE_MS) => {
      process.stdin.end();
      process.kill("SIGTERM");
      const grace = new AbortController();
      const expired = sleep(graceMs, "expired" as const, { signal: grace.signal }).catch(
        () => "in time" as const,
      );
      if ((await Promise.race([ended, expired])) === "expired") process.kill("SIGKILL");
      grace.abort();
      await ended;
    },
  };
}

async function ending(process: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Ending> {
  try {
    // "close" comes after "exit" and after everything that it wrote was read.
    const [code, signal] = (await once(process, "close")) as [number | null, string | null];
    return signal === null
      ? { how: `exited with code ${code}`, exitCode: code ?? undefined }
      : { how: `was ended by ${signal}`, exitCode: undefined };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { how: `could not be started: ${message}`, exitCode: undefined };
  }
}

/** What a child said before it failed: the error's line of a stack trace, else its last line. */
function lastWords(said: readonly string[]): string {
  const line =
    said.findLast((each) => /^\w*Error\b/.test(each)) ?? said.findLast((each) => each.trim() !== "");
  return line === undefined ? "" : `: ${readLogLine(line).text}`;
}
