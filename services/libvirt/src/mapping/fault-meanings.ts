/** What an error means to the caller: a canonical code by name, a reason, and what to do about it. */
export interface FaultMeaning {
  code:
    | "FAILED_PRECONDITION"
    | "ABORTED"
    | "RESOURCE_EXHAUSTED"
    | "NOT_FOUND"
    | "ALREADY_EXISTS"
    | "UNAVAILABLE"
    | "UNIMPLEMENTED"
    | "DEADLINE_EXCEEDED"
    | "CANCELLED";
  reason: string;
  remedy: string;
}

/** A number's meaning, and others for texts that libvirt uses the same number for. */
interface Entry {
  meaning: FaultMeaning;
  byText?: readonly { text: string; meaning: FaultMeaning }[];
}

/** A refusal by a number that the table does not list. */
export const unlisted: FaultMeaning = {
  code: "FAILED_PRECONDITION",
  reason: "HYPERVISOR_FAULT",
  remedy:
    "libvirt's own words are all there is to go by; its log on the host has more (journalctl -u libvirtd)",
};

const full: FaultMeaning = {
  code: "RESOURCE_EXHAUSTED",
  reason: "STORAGE_FULL",
  remedy: "free space in the pool or choose another storage class",
};

const nameTakenRemedy = "another object has the name; choose another name";
const nameTaken: FaultMeaning = { code: "ALREADY_EXISTS", reason: "NAME_TAKEN", remedy: nameTakenRemedy };

type Row = readonly [FaultMeaning["code"], string, string, readonly number[]];

/** Source: libvirt's virterror.h; each number keeps its meaning for ever. */
const rows: readonly Row[] = [
  // NO_DOMAIN, NO_NETWORK, NO_STORAGE_POOL, NO_STORAGE_VOL, NO_DOMAIN_SNAPSHOT
  ["NOT_FOUND", "NOT_FOUND", "it was removed meanwhile; repeat the call", [42, 43, 49, 50, 72]],
  // DOM_EXIST, STORAGE_VOL_EXIST
  ["ALREADY_EXISTS", "NAME_TAKEN", nameTakenRemedy, [28, 90]],
  // OPERATION_TIMEOUT (of the domain's job lock), BLOCK_COPY_ACTIVE, RESOURCE_BUSY
  ["ABORTED", "BUSY", "another call works on the domain; repeat the call", [68, 83, 87]],
  // OPERATION_INVALID
  ["ABORTED", "INVALID_STATE", "the state does not allow it now; look and repeat the call", [55]],
  // NO_CONNECT, INVALID_CONN, RPC, GNUTLS_ERROR, SSH, LIBSSH
  [
    "UNAVAILABLE",
    "HYPERVISOR_UNREACHABLE",
    "libvirtd cannot be reached; repeat the call once it runs",
    [5, 6, 39, 40, 85, 98],
  ],
  // AUTH_FAILED, AUTH_CANCELLED, AUTH_UNAVAILABLE
  [
    "FAILED_PRECONDITION",
    "HYPERVISOR_CREDENTIALS",
    "correct the credentials secret (SASL user, SSH key or client certificate)",
    [45, 79, 94],
  ],
  // OPERATION_DENIED, ACCESS_DENIED
  [
    "FAILED_PRECONDITION",
    "HYPERVISOR_PERMISSION",
    "the provider's account may not do this: use a read-write connection and allow it in polkit (group libvirt)",
    [29, 88],
  ],
  // CPU_INCOMPATIBLE
  [
    "FAILED_PRECONDITION",
    "NESTED_UNSUPPORTED",
    "the host's CPU has not what the domain requires; CheckHosts tells how to switch nesting on",
    [91],
  ],
  // INVALID_ARG, OS_TYPE, XML_ERROR, XML_DETAIL, CONFIG_UNSUPPORTED, XML_INVALID_SCHEMA, DEVICE_MISSING
  [
    "FAILED_PRECONDITION",
    "CONFIGURATION_REFUSED",
    "libvirt refuses this configuration; its words name the setting",
    [8, 16, 27, 35, 67, 92, 99],
  ],
  // NO_SUPPORT, OPERATION_UNSUPPORTED, ARGUMENT_UNSUPPORTED
  ["UNIMPLEMENTED", "HYPERVISOR_VERSION", "this libvirt or QEMU cannot do it; upgrade the host", [3, 84, 74]],
  // AGENT_UNRESPONSIVE, AGENT_UNSYNCED, AGENT_COMMAND_TIMEOUT, AGENT_COMMAND_FAILED
  [
    "FAILED_PRECONDITION",
    "GUEST_AGENT_MISSING",
    "qemu-guest-agent does not answer in the guest; install and start it, or power the VM off",
    [86, 97, 112, 113],
  ],
  // NO_MEMORY
  [
    "RESOURCE_EXHAUSTED",
    "HOST_MEMORY",
    "the host has no memory left; stop something or choose another host",
    [2],
  ],
  // OPERATION_ABORTED
  ["CANCELLED", "CANCELLED", "the work was cancelled", [78]],
];

/**
 * Numbers that carry everything, where only the text tells:
 * - INTERNAL_ERROR and SYSTEM_ERROR: "No space left on device" is glibc's strerror(ENOSPC), passed on by libvirt 1.2 to 11 and by
 *   qemu-img 2 to 9 in the C locale that libvirtd runs in.
 * - OPERATION_FAILED: "already exists with uuid" is virDomainObjListAdd's of libvirt 1.2 to 11, about the name of another domain.
 */
const carriers: readonly (readonly [number, Entry])[] = [
  [1, { meaning: unlisted, byText: [{ text: "No space left on device", meaning: full }] }],
  [38, { meaning: unlisted, byText: [{ text: "No space left on device", meaning: full }] }],
  [9, { meaning: unlisted, byText: [{ text: "already exists with uuid", meaning: nameTaken }] }],
];

/** Meanings by virErrorNumber. */
export const meanings: ReadonlyMap<number, Entry> = new Map([
  ...rows.flatMap(([code, reason, remedy, numbers]) =>
    numbers.map((number) => [number, { meaning: { code, reason, remedy } }] as const),
  ),
  ...carriers,
]);
