/** Longest serial that a virtio disk's guest sees. */
const longest = 20;

/**
 * Serial that a disk of this name gets: by it the disk is known again wherever it is plugged, and the guest finds it in /dev/disk/by-id. A name
 * that is short and plain is its own serial, of any other it is a hash.
 */
export const diskSerial = (name: string): string =>
  /^[A-Za-z0-9][-A-Za-z0-9_.]*$/.test(name) && name.length <= longest ? name : `vrtg-${hash(name)}`;

/** FNV-1a, 32 bits, in hex. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}
