import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../api/error.ts";
import type { Access } from "../model/access.ts";

/** Paths that need no login. */
const open = new Set(["GET /access/ticket", "POST /access/ticket", "GET /access/domains"]);

/** Who a request is from; undefined where nobody need be. Throws a 401. */
export function authenticate(
  access: Access,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (open.has(`${method} ${path}`)) return undefined;
  const { cookie, authorization } = headers;
  const ticket = valueIn(cookie, "PVEAuthCookie") ?? valueIn(authorization, "PVEAuthCookie");
  if (ticket !== undefined) {
    const user = access.verifyTicket(ticket);
    const csrf = headers["csrfpreventiontoken"];
    if (method !== "GET") access.verifyCsrf(user, typeof csrf === "string" ? csrf : undefined);
    return user;
  }
  const token = valueIn(authorization, "PVEAPIToken");
  if (token === undefined) throw new ApiError(401, "No ticket\n");
  return access.verifyToken(token);
}

function valueIn(header: string | undefined, key: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${key}[= ]([^;]*)`).exec(header ?? "")?.[1];
  if (value === undefined || value === "") return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
