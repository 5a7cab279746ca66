import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../config/env.ts";

/** A server and where it listens. */
export interface Listening<S> {
  readonly server: S;
  /** "host:port" with the port it really has. */
  readonly address: string;
}

/** Splits "host:port", "[::1]:port" too. */
export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}

/** Joins the host that was asked for with the port that was given. */
export function joinAddress(asked: string, port: number): string {
  return `${asked.slice(0, asked.lastIndexOf(":"))}:${port}`;
}

/** Makes an HTTP server listen. @throws ConfigError when the address cannot be had. */
export async function listen(server: Server, address: string): Promise<Listening<Server>> {
  try {
    server.listen(splitAddress(address));
    await once(server, "listening");
  } catch (error) {
    throw cannotListen("PROVIDER_HEALTH_ADDRESS", address, error);
  }
  return { server, address: joinAddress(address, (server.address() as AddressInfo).port) };
}

/** The address cannot be had: names the variable that sets it. */
export function cannotListen(variable: string, address: string, error: unknown): ConfigError {
  const why = error instanceof Error ? error.message : String(error);
  return new ConfigError([{ variable, message: `cannot listen on ${address}: ${why}` }]);
}
