import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { truncated } from "./failures.ts";

type Response = Dispatcher.ResponseData;

const MAX_RESUMES = 5;
/** Before the first; each further one waits as much longer. */
const PAUSE_MS = 200;

export interface ResumableBody {
  /** For messages. */
  readonly name: string;
  readonly response: Response;
  readonly lengthBytes: number | undefined;
  /** Asks for the file once more, with these headers. */
  readonly again: (headers: Readonly<Record<string, string>>) => Promise<Response>;
  readonly signal: AbortSignal;
}

/**
 * The bytes of a response. When the connection breaks, the rest is asked for, if the server can tell that the file is still the same.
 * @throws ProviderError IMAGE_TRUNCATED; the signal's reason.
 */
export async function* resumableBody({ name, response, lengthBytes, again, signal }: ResumableBody) {
  const validator = validatorOf(response);
  let received = 0;
  let current: Response | undefined = response;
  for (let resumes = 0; ; resumes += 1) {
    let cause: unknown;
    try {
      current ??= await rest(again, received, validator, lengthBytes);
      for await (const bytes of current.body as AsyncIterable<Buffer>) {
        received += bytes.length;
        yield bytes;
      }
      if (lengthBytes === undefined || received === lengthBytes) return;
    } catch (error) {
      signal.throwIfAborted();
      cause = error;
    }
    const isHopeless = validator === undefined || cause instanceof CannotResume;
    if (isHopeless || resumes === MAX_RESUMES) throw truncated(name, received, lengthBytes, cause);
    current = undefined;
    await sleep(PAUSE_MS * (resumes + 1), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** The server does not take up where it broke off. */
class CannotResume extends Error {}

/** What tells that the file is still the same; undefined where the server has nothing of the kind. */
function validatorOf({ headers }: Response): string | undefined {
  const { etag, "last-modified": lastModified, "accept-ranges": ranges } = headers;
  if (ranges === "none") return undefined;
  if (typeof etag === "string" && !etag.startsWith("W/")) return etag;
  return typeof lastModified === "string" ? lastModified : undefined;
}

async function rest(
  again: ResumableBody["again"],
  from: number,
  validator: string | undefined,
  lengthBytes: number | undefined,
): Promise<Response> {
  const response = await again({ range: `bytes=${from}-`, "if-range": validator ?? "" });
  const [, first, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(response.headers["content-range"])) ?? [];
  const isSame = total === "*" || lengthBytes === undefined || Number(total) === lengthBytes;
  if (response.statusCode === 206 && Number(first) === from && isSame) return response;
  response.body.on("error", () => {}).destroy();
  // A server in trouble may be well again at the next attempt.
  if (response.statusCode >= 500) throw new Error(`the server answered ${response.statusCode}`);
  throw new CannotResume(`the server answered ${response.statusCode}`);
}
