import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { ApiError } from "../api/error.ts";
import type { Privileges, TokenOptions, UserOptions } from "../options.ts";
import type { Major } from "../release.ts";
import { allPrivileges } from "./privileges.ts";

/** A token that the API accepts. */
export interface Token {
  readonly id: string;
  readonly secret: string;
}

const ROOT = "root@pam";
/** Clocks of nodes may differ by so many seconds. */
const GRACE_SECONDS = 300;

interface AccessOptions {
  readonly users: readonly UserOptions[];
  readonly tokens: readonly TokenOptions[];
  readonly major: Major;
  readonly ticketLifetimeSeconds: number;
}

/** Users, tokens, tickets, and who may do what. */
export class Access {
  readonly tokens: readonly Token[];
  readonly #users: ReadonlyMap<string, UserOptions>;
  readonly #tokens: ReadonlyMap<string, TokenOptions & Token>;
  readonly #major: Major;
  readonly #lifetime: number;
  readonly #key = randomBytes(32);
  /** What root may: everything. Made once, as lists ask for each VM. */
  readonly #all: ReadonlySet<string>;

  constructor({ users, tokens, major, ticketLifetimeSeconds }: AccessOptions) {
    const withSecrets = tokens.map((token) => ({ ...token, secret: token.secret ?? randomUUID() }));
    this.tokens = withSecrets.map(({ id, secret }) => ({ id, secret }));
    this.#users = new Map(users.map((user) => [user.id, user]));
    this.#tokens = new Map(withSecrets.map((token) => [token.id, token]));
    this.#major = major;
    this.#all = new Set(allPrivileges(major));
    this.#lifetime = ticketLifetimeSeconds;
  }

  /** Who a token header (`user@realm!name=secret`) is. Throws a 401. */
  verifyToken(header: string): string {
    const split = header.lastIndexOf("=");
    if (split < 0) this.#refuse("no tokenid specified");
    const id = header.slice(0, split);
    const token = this.#tokens.get(id);
    const name = id.slice(id.indexOf("!") + 1);
    if (token === undefined) this.#refuse(`no such token '${name}' for user '${ownerOf(id)}'`);
    if (token.expire !== undefined && token.expire < Date.now() / 1000)
      this.#refuse(`token '${name}' access expired`);
    if (token.secret !== header.slice(split + 1)) this.#refuse("invalid token value!");
    return id;
  }

  /** A ticket and its CSRF token for a user's password; undefined when they do not fit. */
  login(userid: string, password: string): { readonly ticket: string; readonly csrf: string } | undefined {
    const user = this.#users.get(userid);
    // A valid ticket in place of the password renews it.
    const fits = user !== undefined && (user.password === password || this.#ticketUser(password) === userid);
    if (!fits) return undefined;
    const stamp = hexNow();
    const plain = `PVE:${userid}:${stamp}`;
    return { ticket: `${plain}::${this.#sign(plain)}`, csrf: `${stamp}:${this.#sign(`${stamp}:${userid}`)}` };
  }

  /** Who a ticket is. Throws a 401. */
  verifyTicket(ticket: string): string {
    return this.#ticketUser(ticket) ?? this.#refuse("permission denied - invalid PVE ticket");
  }

  /** Throws a 401 unless the CSRF token is this user's. */
  verifyCsrf(userid: string, csrf: string | undefined): void {
    const [stamp = "", signature] = csrf?.split(":") ?? [];
    if (signature !== this.#sign(`${stamp}:${userid}`) || !this.#isFresh(stamp))
      throw new ApiError(401, "Permission denied - invalid csrf token\n");
  }

  /** Privileges on a path; a token's are never more than its user's. */
  permissions(who: string, path: string): ReadonlySet<string> {
    const token = this.#tokens.get(who);
    const owner = this.#userPermissions(ownerOf(who), path);
    if (token?.privileges === undefined) return owner;
    const own = privilegesOn(token.privileges, path);
    return new Set([...own].filter((privilege) => owner.has(privilege)));
  }

  /** Paths that rules mention, besides the top ones. */
  ruledPaths(): string[] {
    const rules = [...this.#users.values(), ...this.#tokens.values()];
    return rules.flatMap((rule) => Object.keys(rule.privileges ?? {}));
  }

  #userPermissions(userid: string, path: string): ReadonlySet<string> {
    if (userid === ROOT) return this.#all;
    return privilegesOn(this.#users.get(userid)?.privileges ?? {}, path);
  }

  #ticketUser(ticket: string): string | undefined {
    const match = /^(PVE:(\S+):([0-9A-F]{8}))::(\S+)$/.exec(ticket);
    if (match === null) return undefined;
    const [, plain = "", userid = "", stamp = "", signature] = match;
    return signature === this.#sign(plain) && this.#isFresh(stamp) && this.#users.has(userid)
      ? userid
      : undefined;
  }

  #isFresh(stamp: string): boolean {
    const age = Math.floor(Date.now() / 1000) - Number.parseInt(stamp, 16);
    return age > -GRACE_SECONDS && age < this.#lifetime;
  }

  #sign(plain: string): string {
    return createHmac("sha256", this.#key).update(plain).digest("base64").replace(/=+$/, "");
  }

  /** From 9 on (2026) the client is not told why. */
  #refuse(reason: string): never {
    throw new ApiError(401, this.#major >= 9 ? "Authentication failed!\n" : `${reason}\n`);
  }
}

const hexNow = () =>
  Math.floor(Date.now() / 1000)
    .toString(16)
    .toUpperCase()
    .padStart(8, "0");

/** The user of a token, or the user itself. */
export const ownerOf = (who: string): string => who.split("!")[0] as string;

/** The rule of the longest path that leads to this one holds. */
function privilegesOn(rules: Privileges, path: string): ReadonlySet<string> {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf("/")) || "/") {
    const found = rules[at];
    if (found !== undefined) return new Set(found);
    if (at === "/") return new Set();
  }
}
