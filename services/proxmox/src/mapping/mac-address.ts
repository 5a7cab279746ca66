/**
 * MAC address of an interface that asks for none: always the same for the same VM and interface, so that a plan repeats itself and the
 * guest's configuration can name it. Locally administered, unicast; in capitals, as Proxmox VE writes it.
 */
export function macFor(uid: string, nic: string): string {
  const bytes = [24, 16, 8, 0].map((shift) => (fnv1a(`${uid}/${nic}`) >>> shift) & 0xff);
  return ["52", "54", ...bytes.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase())].join(":");
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
