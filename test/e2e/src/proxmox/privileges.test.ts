import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { PveVersion } from "@virtrigaud/fakes";
import {
  type ProviderCallError,
  type ProviderConnection,
  untilComplete,
  waitForOperation,
} from "@virtrigaud/kit/client";
import { Image, type Operation, PowerAction, SetPowerRequest, VMSpec } from "@virtrigaud/proto";
import { lifeOn, startDocumented } from "./documented-cluster.ts";
import { commandedPrivileges, privilegesFor } from "./documented-privileges.ts";
import { deleteSample, sampleTemplate } from "./sample-life.ts";

/** Without a privilege that decides what Proxmox VE shows there is no 403: it answers as if there were nothing. */
const hidden: Readonly<Record<string, string>> = {
  "VM.Audit": "IMAGE_UNKNOWN",
  "Sys.Audit": "CPU_SPEED_UNKNOWN",
  "Datastore.AllocateSpace": "STORAGE_CLASS_UNKNOWN, Datastore.AllocateSpace not named",
  "Datastore.Audit": "CLOUD_INIT_STORAGE_MISSING, Datastore.Audit not named",
};

/** How a life ends that lacks a privilege. */
async function liveWithout(
  name: string,
  version: PveVersion,
  connection: ProviderConnection,
): Promise<string> {
  // The daemon looks at the cluster again, unless it has just done so.
  await sleep(600);
  await connection.checkHosts({ hosts: [] });
  try {
    for (const { run } of lifeOn(version, connection)) await run();
    return "lives";
  } catch (error) {
    const { reason = "", message } = error as Partial<ProviderCallError>;
    return message?.includes(name) ? reason : `${reason}, ${name} not named`;
  }
}

test.each([
  ["9.2", privilegesFor("9.2")],
  ["8.4", privilegesFor("8.4").filter(({ lastMajor }) => lastMajor < 9)],
] as const)(
  "without any one of the documented privileges there is no life on %s",
  async (version, rows) => {
    const { connection, privileges } = await startDocumented(version);
    const said: [string, string][] = [];
    for (const { name, place } of rows) {
      const held = privileges[place] ?? [];
      privileges[place] = held.filter((other) => other !== name);
      said.push([name, await liveWithout(name, version, connection)]);
      privileges[place] = held;
      await deleteSample(connection);
    }
    const expected = rows.map(({ name }) => [name, hidden[name] ?? "HYPERVISOR_PERMISSION"]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
  },
  180_000,
);

test("the document's commands give what its table has for 9", () => {
  const rows = privilegesFor("9.2").map(({ path, name }) => `${path} ${name}`);
  expect(commandedPrivileges()).toEqual(rows.sort());
});

const cpusAndMemory = { cpus: 1, memoryBytes: 512 * 1024 ** 2 };
const newUid = "5a3f1c9e-0000-4000-8000-000000000003";

async function create(connection: ProviderConnection, spec: VMSpec): Promise<void> {
  const request = { uid: newUid, spec, controllerId: "e2e" };
  await untilComplete(connection, (options) => connection.createVm(request, options));
}

async function prepareImage(connection: ProviderConnection): Promise<void> {
  const image = Image.fromPartial({ name: "debian", url: { url: "https://images.example/debian.qcow2" } });
  const request = { image, storageClass: "fast-ssd" };
  await untilComplete(connection, (options) => connection.prepareImage(request, options));
}

async function openConsole(connection: ProviderConnection): Promise<void> {
  await create(connection, VMSpec.fromPartial({ name: "console", ...cpusAndMemory }));
  const power = SetPowerRequest.fromPartial({ uid: newUid, action: PowerAction.ON });
  const { operation } = await connection.setPower(power);
  await waitForOperation(connection, operation as Operation);
  await connection.getConsole({ uid: newUid });
}

/** From the template, without user-data. */
async function createWithAddress(connection: ProviderConnection): Promise<void> {
  const networkInterfaces = [{ name: "lan", staticAddress: { cidr: "192.0.2.7/24" } }];
  const image = { name: "ubuntu", proxmox: { templateName: sampleTemplate.name } };
  const spec = VMSpec.fromPartial({ name: "fixed", ...cpusAndMemory, image, networkInterfaces });
  await create(connection, spec);
}

test.each([
  // Of privileges that are alternatives Proxmox VE names none.
  ["Sys.AccessNetwork", "/nodes", prepareImage, "docs/providers/proxmox.md"],
  ["VM.Console", "/vms", openConsole, "VM.Console on /vms/100"],
  ["VM.Config.Cloudinit", "/vms", createWithAddress, "VM.Config.Cloudinit on /vms/100"],
] as const)(
  "%s on %s, which the document has besides, is needed and enough",
  async (name, place, ask, said) => {
    const { connection, privileges } = await startDocumented("9.2");
    const refused = { reason: "HYPERVISOR_PERMISSION", message: expect.stringContaining(said) };
    await expect(ask(connection)).rejects.toMatchObject(refused);
    privileges[place] = [...(privileges[place] ?? []), name];
    await ask(connection);
  },
  60_000,
);
