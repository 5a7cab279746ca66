import {
  PveError,
  PveNodeUnreachable,
  PveProtocolError,
  PveUnreachable,
  type RequestName,
} from "./errors.ts";
import type { HttpAnswer } from "./exchange.ts";
import { redact } from "./redact.ts";

/**
 * The data of an answer. Throws PveError, PveNodeUnreachable, PveUnreachable or PveProtocolError for any other, in
 * whose text none of `secrets` is repeated.
 */
export function decodeAnswer(request: RequestName, answer: HttpAnswer, secrets: readonly string[]): unknown {
  const { status } = answer;
  const reason = redact(answer.reason, secrets);
  const content = parse(answer);
  if (status === 200) {
    if (isObject(content) && "data" in content) return content["data"];
    throw new PveProtocolError(request, `200 without PVE's JSON: ${whereFrom}`);
  }
  if (status < 400) throw new PveProtocolError(request, `${status} ${reason}: ${whereFrom}`);
  if (status >= 595 && status <= 599) throw new PveNodeUnreachable(request, status, reason);
  if (GATEWAY.has(status) && content === undefined) {
    throw new PveUnreachable(request, `${status} ${reason} of a proxy before PVE`, { sent: true });
  }
  throw new PveError({
    ...request,
    status,
    reason: reason || redact(messageIn(content), secrets),
    errors: errorsIn(content, secrets),
  });
}

const whereFrom = "is PROVIDER_ENDPOINT the address of PVE's API (port 8006)?";

/** What a reverse proxy says by itself; PVE has none of them. */
const GATEWAY = new Set([502, 503, 504]);

function parse({ contentType, body }: HttpAnswer): unknown {
  if (!contentType.startsWith("application/json")) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Proxies that speak HTTP/2 drop the reason phrase; PVE 8 and newer have it in the body as well. */
function messageIn(content: unknown): string {
  const message = isObject(content) ? content["message"] : undefined;
  return typeof message === "string" ? message.trim() : "";
}

function errorsIn(content: unknown, secrets: readonly string[]): Record<string, string> {
  const errors = isObject(content) ? content["errors"] : undefined;
  if (!isObject(errors)) return {};
  const entries = Object.entries(errors);
  return Object.fromEntries(entries.map(([parameter, what]) => [parameter, redact(String(what), secrets)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
