import { randomBytes } from "node:crypto";
import type { GetConsoleRequest, GetConsoleResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { assertRunning, ownedMachine } from "./owned.ts";

const validMs = 60_000;

/** GetConsole: an address with a ticket that nothing listens on. */
export function getConsole(context: Context, { uid }: GetConsoleRequest): GetConsoleResponse {
  const machine = ownedMachine(context, uid);
  assertRunning(machine);
  const ticket = randomBytes(16).toString("hex");
  return {
    url: `wss://console.invalid/${machine.id}?ticket=${ticket}`,
    ticket,
    protocol: "webmks",
    expireTime: new Date(Date.now() + validMs),
  };
}
