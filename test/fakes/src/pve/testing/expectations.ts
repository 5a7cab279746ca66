import type { Exchange } from "./transcript.ts";

const OK = {
  status: 200,
  reason: "OK",
  connection: "Keep-Alive",
  contentType: "application/json;charset=UTF-8",
};
const failed = (status: number, reason: string, body: unknown) => ({
  status,
  reason,
  connection: "close",
  contentType: "application/json;charset=UTF-8",
  body,
});
/** A die in PVE's code. */
const died = (message: string) => failed(500, message, { data: null, message: `${message}\n` });
const denied = (message: string) => failed(403, message, { data: null, message: `${message}\n` });
const invalid = (errors: Readonly<Record<string, string>>) =>
  failed(400, "Parameter verification failed.", {
    data: null,
    message: "Parameter verification failed.\n",
    errors,
  });
/** What PVE's HTTP server says before any endpoint is asked: a reason and no JSON. */
const refused = (status: number, reason: string, body = "") => ({
  status,
  reason,
  connection: "close",
  body,
});
const upid = (type: string, id: string) => ({
  ...OK,
  body: { data: `UPID:pve1:00000000:00000000:00000000:${type}:${id}:root@pam!test:` },
});

const vms = "/nodes/pve1/qemu";
const create = { auth: "root", method: "POST", path: vms };
const wrong = (
  name: string,
  params: Readonly<Record<string, unknown>>,
  errors: Readonly<Record<string, string>>,
): Exchange => ({
  name: `create with ${name}`,
  ...create,
  params: { vmid: 300, ...params },
  ...invalid(errors),
});

/** Hand-written expectations of PVE 9.2, in the form of a record; each follows from its source. */
export const expectations: readonly Exchange[] = [
  { name: "nobody", auth: "none", path: "/nodes", ...refused(401, "No ticket") },
  { name: "somebody else", auth: "bad", path: "/nodes", ...refused(401, "Authentication failed!") },
  {
    name: "no such method",
    auth: "root",
    path: "/nodes/pve1/frobnicate",
    ...failed(501, "Method 'GET /nodes/pve1/frobnicate' not implemented", {
      data: null,
      message: "Method 'GET /nodes/pve1/frobnicate' not implemented",
    }),
  },
  {
    name: "PATCH is unknown",
    auth: "root",
    method: "PATCH",
    path: vms,
    ...refused(501, "method 'PATCH' not available", "method 'PATCH' not available"),
  },
  {
    name: "a body where none may be",
    auth: "root",
    method: "GET",
    path: vms,
    raw: "full=1",
    ...refused(501, "Unexpected content for method 'GET'", "Unexpected content for method 'GET'"),
  },
  {
    name: "no such node",
    auth: "root",
    path: "/nodes/elsewhere/status",
    ...died(
      "hostname lookup 'elsewhere' failed - failed to get address info for: elsewhere: Temporary failure in name resolution",
    ),
  },
  { name: "a dead node", auth: "root", path: "/nodes/pve9/qemu", ...refused(595, "No route to host") },
  wrong(
    "two mistakes",
    { cores: 0, wat: 1 },
    {
      cores: "value must have a minimum value of 1",
      wat: "property is not defined in schema and the schema does not allow additional properties",
    },
  ),
  wrong("a word for a number", { cores: "four" }, { cores: "type check ('integer') failed - got 'four'" }),
  wrong("a word for a boolean", { numa: "yes" }, { numa: "type check ('boolean') failed - got 'yes'" }),
  wrong(
    "a raw nesting flag",
    { cpu: "EPYC,flags=+svm" },
    {
      cpu:
        "invalid format - VM-specific CPU flags must be a subset of: aes, amd-no-ssb, amd-ssbd, hv-evmcs, hv-tlbflush," +
        " ibpb, md-clear, nested-virt, pcid, pdpe1gb, spec-ctrl, ssbd, virt-ssbd\n",
    },
  ),
  wrong(
    "a custom CPU that nobody made",
    { cpu: "custom-mine" },
    {
      cpu: "invalid format - Custom cputype 'mine' not found\n",
    },
  ),
  wrong(
    "a wrong key in a drive",
    { virtio0: "local:4,wat=1" },
    {
      virtio0: "invalid format - invalid key in comma-separated list property: wat\n",
    },
  ),
  wrong(
    "a multicast address",
    { net0: "virtio=01:00:5E:00:00:01,bridge=vmbr0" },
    {
      net0: "invalid format - format error\nnet0.macaddr: invalid format - value does not look like a valid unicast MAC address\n\n",
    },
  ),
  wrong(
    "a gateway without address",
    { ipconfig0: "gw=192.0.2.1" },
    {
      ipconfig0: "invalid format - format error\nipconfig0.ip: missing property required by 'ipconfig0.gw'\n",
    },
  ),
  wrong("a balloon below nothing", { balloon: -1 }, { balloon: "value must have a minimum value of 0" }),
  wrong(
    "too long a SMBIOS",
    { smbios1: `uuid=11111111-2222-4333-8444-555555555555,family=${"A".repeat(500)}` },
    {
      smbios1: "value may only be 512 characters long",
    },
  ),
  {
    name: "a token of root is not root",
    ...create,
    params: { vmid: 300, affinity: "0" },
    ...died("only root can set 'affinity' config"),
  },
  { name: "nobody may", ...create, auth: "bob", params: { vmid: 300 }, ...denied("Permission check failed") },
  {
    name: "no such storage",
    ...create,
    params: { vmid: 300, scsi0: "nowhere:1" },
    ...died("storage 'nowhere' does not exist"),
  },
  {
    name: "create",
    ...create,
    params: {
      vmid: 300,
      name: "one",
      cores: 2,
      memory: 1024,
      scsi0: "local:3,format=qcow2",
      agent: 1,
      tags: "B;a;b",
    },
    ...upid("qmcreate", "300"),
  },
  {
    name: "the log of the create",
    auth: "root",
    path: `/nodes/pve1/tasks/${encodeURIComponent("UPID:pve1:00000000:00000000:00000000:qmcreate:300:root@pam!test:")}/log`,
    ...OK,
    body: {
      data: [
        {
          n: 1,
          t:
            "Formatting '/var/lib/vz/images/300/vm-300-disk-0.qcow2', fmt=qcow2 cluster_size=65536 extended_l2=off" +
            " preallocation=metadata compression_type=zlib size=3221225472 lazy_refcounts=off refcount_bits=16",
        },
        { n: 2, t: "scsi0: successfully created disk 'local:300/vm-300-disk-0.qcow2,size=3G'" },
        { n: 3, t: "TASK OK" },
      ],
      total: 3,
    },
  },
  {
    name: "create again",
    ...create,
    params: { vmid: 300 },
    ...died("unable to create VM 300 - VM 300 already exists on node 'pve1'"),
  },
  {
    name: "its configuration",
    auth: "root",
    path: `${vms}/300/config`,
    ...OK,
    body: {
      data: {
        agent: "1",
        boot: "order=scsi0",
        cores: 2,
        digest: "*",
        memory: "1024",
        meta: "creation-qemu=10.0.13,ctime=1",
        name: "one",
        scsi0: "local:300/vm-300-disk-0.qcow2,size=3G",
        smbios1: "uuid=11111111-2222-4333-8444-555555555555",
        tags: "a;b",
        vmgenid: "*",
      },
    },
  },
  {
    name: "its id is taken",
    auth: "root",
    path: "/cluster/nextid",
    params: { vmid: 300 },
    ...invalid({ vmid: "VM 300 already exists" }),
  },
  {
    name: "agent of a stopped VM",
    auth: "root",
    method: "POST",
    path: `${vms}/300/agent/ping`,
    params: {},
    ...died("VM 300 is not running"),
  },
  {
    name: "reset of a stopped VM",
    auth: "root",
    method: "POST",
    path: `${vms}/300/status/reset`,
    params: {},
    ...died("VM 300 not running"),
  },
  {
    name: "one privilege is missing",
    auth: "bob",
    method: "POST",
    path: `${vms}/300/status/stop`,
    params: {},
    ...denied("Permission check failed (/vms/300, VM.PowerMgmt)"),
  },
  {
    name: "nothing to change",
    auth: "root",
    method: "PUT",
    path: `${vms}/300/config`,
    params: {},
    ...died("no options specified"),
  },
  {
    name: "a balloon larger than the memory",
    auth: "root",
    method: "PUT",
    path: `${vms}/300/config`,
    params: { balloon: 2048 },
    ...died("balloon value too large (must be smaller than assigned memory)"),
  },
  {
    name: "a skipped lock is root's",
    auth: "root",
    method: "PUT",
    path: `${vms}/300/config`,
    params: { cores: 1, skiplock: 1 },
    ...invalid({ skiplock: "Only root may use this option." }),
  },
  {
    name: "two ids in one request",
    auth: "root",
    method: "PUT",
    path: `${vms}/300/config`,
    params: { cores: 1, vmid: 301 },
    ...invalid({ vmid: "duplicate parameter (already defined in URI) with conflicting values!" }),
  },
  {
    name: "a boot device that is not there",
    auth: "root",
    method: "PUT",
    path: `${vms}/300/config`,
    params: { boot: "order=scsi5" },
    ...died("invalid bootorder: device 'scsi5' does not exist'"),
  },
  {
    name: "no task of that name",
    auth: "root",
    path: `/nodes/pve1/tasks/${encodeURIComponent("UPID:pve1:00000001:00000001:00000001:qmstart:7:root@pam:")}/status`,
    ...invalid({ upid: "no such task" }),
  },
];
