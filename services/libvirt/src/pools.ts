import type { Call } from "./call.ts";
import { ErrorCode, type Libvirt, PoolState, type StoragePool } from "./client/index.ts";
import { attempt, unlessGone } from "./errors.ts";
import { type Network, parseNetwork } from "./mapping/networks.ts";
import { parsePool, type Pool } from "./mapping/storage.ts";

/** A pool as it was read, with the handle to call it by. */
export interface FoundPool extends Pool {
  readonly handle: StoragePool;
}

/** Every storage pool; one that goes away meanwhile is left out. */
export async function readPools(libvirt: Libvirt, call: Call): Promise<FoundPool[]> {
  return attempt("reading the storage pools", async () => {
    const { pools } = await libvirt.call("connectListAllStoragePools", {}, call);
    const found = await Promise.all(
      pools.map((pool) => unlessGone(readPool(libvirt, pool, call), ErrorCode.NO_STORAGE_POOL)),
    );
    return found.filter((pool) => pool !== undefined);
  });
}

async function readPool(libvirt: Libvirt, pool: StoragePool, call: Call): Promise<FoundPool> {
  const [{ xml }, { state, available }] = await Promise.all([
    libvirt.call("storagePoolGetXmlDesc", { pool }, call),
    libvirt.call("storagePoolGetInfo", { pool }, call),
  ]);
  const isActive = state === PoolState.RUNNING || state === PoolState.DEGRADED;
  return { ...parsePool(xml, isActive, isActive ? Number(available) : undefined), handle: pool };
}

/** Every network; none where this libvirt has no network driver. */
export async function readNetworks(libvirt: Libvirt, call: Call): Promise<Network[]> {
  return attempt("reading the networks", async () => {
    const listed = await unlessGone(libvirt.call("connectListAllNetworks", {}, call), ErrorCode.NO_SUPPORT);
    const found = await Promise.all(
      (listed?.networks ?? []).map(async (network) => {
        const read = Promise.all([
          libvirt.call("networkGetXmlDesc", { network }, call),
          libvirt.call("networkIsActive", { network }, call),
        ]);
        const answers = await unlessGone(read, ErrorCode.NO_NETWORK);
        return answers && parseNetwork(answers[0].xml, answers[1].active);
      }),
    );
    return found.filter((network) => network !== undefined);
  });
}
