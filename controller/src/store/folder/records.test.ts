import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { VirtualMachineStatus } from "../../status-types.ts";
import { Records } from "./records.ts";

const VM = { namespace: "default", name: "web.example" };
const STATUS: VirtualMachineStatus = { phase: "Pending", conditions: [] };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "records-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("records of a state folder", () => {
  test("a UID is made once, is on disk when it is known, and outlives the process", async () => {
    const records = new Records(folder);
    expect(await records.existingUid(VM)).toBeUndefined();
    const [first, second] = await Promise.all([records.uid(VM), records.uid(VM)]);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(second).toBe(first);
    expect(await readFile(join(folder, "virtualmachines/default/web.example/uid"), "utf8")).toBe(
      `${first}\n`,
    );
    expect(await new Records(folder).uid(VM)).toBe(first);
  });

  test("a status is replaced whole, private to the user, without leftovers", async () => {
    const records = new Records(folder);
    await records.writeStatus(VM, STATUS);
    await records.writeStatus(VM, { ...STATUS, phase: "Running" });
    const place = join(folder, "virtualmachines/default/web.example");
    expect(await readdir(place)).toEqual(["status.json"]);
    expect((await stat(place)).mode & 0o077).toBe(0);
    expect(await new Records(folder).status(VM)).toEqual({ ...STATUS, phase: "Running" });
  });

  test("a forgotten VM gets a new UID", async () => {
    const records = new Records(folder);
    const before = await records.uid(VM);
    await records.forget(VM);
    expect(await records.existingUid(VM)).toBeUndefined();
    expect(await records.uid(VM)).not.toBe(before);
  });
});
