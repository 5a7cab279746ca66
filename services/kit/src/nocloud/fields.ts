/** Numbers as ISO 9660 stores them: low byte first, then once more high byte first (ECMA-119, 7.2.3 and 7.3.3). */
export function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

export function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** How one of the two trees writes text. */
export interface Alphabet {
  encode(text: string): Buffer;
  /** A file's name as this tree can hold it. */
  fileName(name: string): string;
}

/** The tree that every reader knows: capitals, digits and "_", one dot, 30 characters. Its names are good for nothing but telling files apart. */
export const plain: Alphabet = {
  encode: (text) => Buffer.from(text, "latin1"),
  fileName: (name) =>
    `${name
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, "_")
      .slice(0, 30)}.;1`,
};

/** Joliet's tree, which keeps names as they are: UCS-2, high byte first. Without a version, as other writers of seeds have it. */
export const joliet: Alphabet = {
  encode: (text) => Buffer.from(text, "utf16le").swap16(),
  fileName: (name) => name,
};
