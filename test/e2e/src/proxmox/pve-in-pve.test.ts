import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { vrtg } from "../vrtg.ts";

const sample = ["-f", "deploy/samples/pve-in-pve", "--simulate"];
const nodes = ["inner-pve1", "inner-pve2", "inner-pve3"];

let scratch = "";
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "virtrigaud-pve-in-pve-"));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Cells of the rows that begin like this, from the second on. */
const rows = (stdout: string, start: string): string[][] =>
  stdout
    .split("\n")
    .filter((line) => line.trimStart().startsWith(start))
    .map((line) => line.trim().split(/ {2,}/).slice(1));

describe("Proxmox VE in Proxmox VE, the sample on a simulated cluster", () => {
  test("plan: each node can nest, and is on the way out and on the isolated network", async () => {
    const { code, stdout, stderr } = await vrtg("plan", ...sample).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout.match(/^VirtualMachine pve-in-pve\/\S+ .* would be made$/gm)).toHaveLength(nodes.length);
    const nested = ["applied", "cpu (vendor model +nested-virt, or host)", "host,flags=+nested-virt"];
    expect(rows(stdout, "nested virtualization  ")).toEqual(nodes.map(() => nested));
    const vlan = ["applied", "net1: tag", "3999"];
    expect(rows(stdout, "vlan (lab)")).toEqual(nodes.map(() => vlan));
    const addresses = rows(stdout, "static address (lab)").map((cells) => cells.at(-1));
    expect(addresses).toEqual(["10.99.0.11/24", "10.99.0.12/24", "10.99.0.13/24"]);
    expect(stdout).not.toContain("ssh-ed25519");
  }, 120_000);

  test("up --once: every node runs, made from the template", async () => {
    const state = ["--state", join(scratch, "state")];
    const { code, stdout, stderr } = await vrtg("up", ...sample, "--once", ...state).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const provider = "outer-pve (proxmox, simulated)";
    const running = [provider, "Running", "On", "true", "true", "true", "unknown", "cpu"];
    expect(rows(stdout, "pve-in-pve/inner-pve").filter((cells) => cells.length > 1)).toEqual(
      nodes.map(() => running),
    );
  }, 180_000);
});
