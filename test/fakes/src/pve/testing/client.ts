import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Pve } from "../start.ts";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly connection: string | undefined;
  readonly contentType: string | undefined;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

export interface Ask {
  readonly method?: string;
  /** Below /api2/json, already encoded. */
  readonly path: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Sends the parameters as JSON. */
  readonly json?: boolean;
  /** A body as it is. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request on a connection of its own: parameters in the query for GET, in the body otherwise. */
export function ask(
  pve: Pve,
  { method = "GET", path, params, json, raw, headers = {} }: Ask,
): Promise<Answer> {
  const form = new URLSearchParams(
    Object.entries(params ?? {}).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ).toString();
  const inQuery = method === "GET" && params !== undefined;
  const body = raw ?? (inQuery || params === undefined ? undefined : json ? JSON.stringify(params) : form);
  const url = `${pve.url}/api2/json${path}${inQuery ? `?${form}` : ""}`;
  const type = json ? "application/json" : "application/x-www-form-urlencoded";
  const send = url.startsWith("https") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method,
      ca: pve.certificatePem,
      agent: false,
      headers: {
        Connection: "keep-alive",
        ...(body === undefined ? {} : { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }),
        ...headers,
      },
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      // Taken now: at the end the answer has let go of it.
      const { socket } = response;
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const contentType = response.headers["content-type"];
        socket.destroy();
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          connection: response.headers.connection,
          contentType,
          body: contentType?.startsWith("application/json") ? JSON.parse(text) : text,
        });
      });
    });
    sent.end(body);
  });
}

/** A client with a token. */
export function withToken(pve: Pve, token = pve.token) {
  const headers = { Authorization: `PVEAPIToken=${token.id}=${token.secret}` };
  return (method: string, path: string, params?: Readonly<Record<string, unknown>>, json = false) =>
    ask(pve, { method, path, ...(params === undefined ? {} : { params }), json, headers });
}

/** The data of an answer. */
export const dataOf = (answer: Answer): unknown => (answer.body as { data?: unknown }).data;

/** Waits for the task that an answer names; gives its exit status and its log. */
export async function finished(
  pve: Pve,
  answer: Answer,
): Promise<{ readonly exit: string; readonly log: readonly string[] }> {
  const task = pve.cluster.tasks.get(String(dataOf(answer)));
  if (task === undefined)
    throw new Error(`no task: ${answer.status} ${answer.reason} ${JSON.stringify(answer.body)}`);
  await task.done;
  return { exit: task.exitStatus ?? "", log: task.log };
}
