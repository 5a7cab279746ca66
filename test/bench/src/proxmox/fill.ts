import { randomUUID } from "node:crypto";
import { Pool } from "undici";
import { inParallel } from "../load.ts";
import type { SimulatedPve } from "./simulated.ts";

const firstVmid = 10_000;

/** Has a node make VMs without disks that are tagged as owned, past any provider, which would take minutes. */
export async function fill({ url, certificatePem, token }: SimulatedPve, count: number): Promise<void> {
  const pool = new Pool(url, { connect: { ca: certificatePem }, connections: 16 });
  const headers = {
    authorization: `PVEAPIToken=${token.id}=${token.secret}`,
    "content-type": "application/json",
  };
  try {
    await inParallel(count, 16, async (index) => {
      const uid = randomUUID();
      const vm = { vmid: firstVmid + index, name: `vm-${uid}`, memory: 1_024, tags: `vrtg-${uid}` };
      const path = "/api2/json/nodes/pve1/qemu";
      const answer = await pool.request({ path, method: "POST", headers, body: JSON.stringify(vm) });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`making a VM: HTTP ${answer.statusCode} ${text}`);
    });
  } finally {
    await pool.destroy();
  }
}
