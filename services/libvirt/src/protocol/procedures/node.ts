import { opaque } from "../../xdr/bytes.ts";
import { array, fixedArray, mapped, struct } from "../../xdr/composites.ts";
import { int, uhyper, uint } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import { flags, hostInterface, MAX_OBJECTS, needResults, nodeDevice, text } from "../types.ts";

const MAX_MEMORY_STATS = 16;
const MAX_NODE_DEVICES = 65_536;
const MAX_CPU_MAP_BYTES = 2048;

/** A C string in a field of 32 chars, each of which XDR makes four bytes. */
const model = mapped(
  fixedArray(int, 32),
  (chars) => {
    const end = chars.indexOf(0);
    return Buffer.from(end === -1 ? chars : chars.slice(0, end)).toString("utf8");
  },
  (value) => {
    const chars = [...Buffer.from(value).subarray(0, 31)];
    return [...chars, ...new Array<number>(32 - chars.length).fill(0)];
  },
);

/** The host: its processors, memory, interfaces and devices. */
export const nodeProcedures = {
  /** memory in KiB; sockets, cores and threads are per NUMA node, socket and core. */
  nodeGetInfo: quick(6, {
    returns: {
      model,
      memory: uhyper,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    },
  }),
  /**
   * In KiB: "total", "free", "buffers", "cached". `count` is how many values to send, 0 asks only how many there
   * are; `cell` -1 is the whole host.
   */
  nodeGetMemoryStats: quick(228, {
    args: { count: int, cell: int, flags },
    returns: { stats: array(struct({ field: text, value: uhyper }), MAX_MEMORY_STATS), count: int },
  }),
  /** In bytes. */
  nodeGetFreeMemory: quick(102, { returns: { bytes: uhyper } }),
  /** `map` has a bit for each processor, lowest first; `count` says how many bits. */
  nodeGetCpuMap: procedure(293, {
    args: { needMap: int, needOnline: int, flags },
    returns: { map: opaque(MAX_CPU_MAP_BYTES), online: uint, count: int },
  }),

  connectListAllInterfaces: quick(284, {
    args: { needResults, flags },
    returns: { interfaces: array(hostInterface, MAX_OBJECTS), count: uint },
  }),
  interfaceGetXmlDesc: procedure(130, { args: { interface: hostInterface, flags }, returns: { xml: text } }),

  connectListAllNodeDevices: quick(285, {
    args: { needResults, flags },
    returns: { devices: array(nodeDevice, MAX_NODE_DEVICES), count: uint },
  }),
  nodeDeviceLookupByName: quick(113, { args: { name: text }, returns: { device: nodeDevice } }),
  nodeDeviceGetXmlDesc: procedure(114, { args: { name: text, flags }, returns: { xml: text } }),
};
