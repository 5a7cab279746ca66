import type { Credentials } from "./credentials.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { PveError, PveProtocolError } from "./errors.ts";
import type { Transport } from "./transport.ts";

/** What proves to PVE who asks. */
export interface Login {
  readonly credentials: Credentials;
  /** Headers of a request by this method. */
  headers(method: string): Record<string, string>;
  /** What no error may repeat. */
  readonly secrets: readonly string[];
}

/** Turns credentials into a login: a token is one, a password is given for a ticket. Throws PveError 401 when refused. */
export async function logIn(
  transport: Transport,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Login> {
  return credentials.kind === "token"
    ? tokenLogin(credentials)
    : ticketLogin(credentials, await askTicket(transport, credentials, signal));
}

type Token = Extract<Credentials, { kind: "token" }>;
type Password = Extract<Credentials, { kind: "password" }>;

function tokenLogin(credentials: Token): Login {
  const authorization = `PVEAPIToken=${credentials.id}=${credentials.secret}`;
  return { credentials, secrets: [credentials.secret], headers: () => ({ authorization }) };
}

interface Ticket {
  readonly ticket: string;
  readonly csrf: string;
}

function ticketLogin(credentials: Password, { ticket, csrf }: Ticket): Login {
  const cookie = `PVEAuthCookie=${encodeURIComponent(ticket)}`;
  return {
    credentials,
    secrets: [credentials.password, ticket, csrf],
    headers: (method) => (method === "GET" ? { cookie } : { cookie, csrfpreventiontoken: csrf }),
  };
}

async function askTicket(transport: Transport, credentials: Password, signal: AbortSignal): Promise<Ticket> {
  const { username, password } = credentials;
  const path = "/api2/json/access/ticket";
  const request = encodeRequest("POST", path, path, { username, password });
  const answer = await transport.send({ ...request, isLogin: true }, signal);
  const data = decodeAnswer(request, answer, [password]);
  const { ticket, CSRFPreventionToken: csrf, NeedTFA } = data as Record<string, unknown>;
  if (NeedTFA !== undefined) {
    const reason = "the user has a second factor, which a program cannot give: use an API token";
    throw new PveError({ ...request, status: 401, reason });
  }
  if (typeof ticket !== "string" || typeof csrf !== "string") {
    throw new PveProtocolError(request, "the answer holds no ticket");
  }
  return { ticket, csrf };
}
