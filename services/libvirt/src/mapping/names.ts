/** Longest name of a file on the file systems that pools are on, in bytes. */
const maxFileName = 255;

/**
 * A free text as part of a file name: letters, digits and "-" stay, every other byte becomes "_hh". Two texts never give the same
 * name, and no text can leave its directory or mean anything to a shell.
 */
export function encodeName(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** The text behind {@link encodeName}; undefined for what it did not make. */
export function decodeName(name: string): string | undefined {
  if (!/^(?:[A-Za-z0-9-]|_[0-9a-f]{2})*$/.test(name)) return undefined;
  const bytes = name.match(/_[0-9a-f]{2}|./g) ?? [];
  const decoded = bytes.map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
  return new TextDecoder().decode(Uint8Array.from(decoded));
}

/** Volume of a VM's disk; the uid keeps VMs apart whatever their names are. Undefined when the name is too long for a file. */
export function diskVolumeName(uid: string, disk: string): string | undefined {
  const name = `${uid}-${encodeName(disk)}.qcow2`;
  return name.length > maxFileName ? undefined : name;
}

/** Volume of a VM's cloud-init seed. */
export const seedVolumeName = (uid: string): string => `${uid}-seed.iso`;

/** File that a disk's data goes on in after a snapshot; `mark` tells it from the others of the disk. No name of ours holds a dot otherwise. */
export const overlayName = (uid: string, disk: string, mark: string): string =>
  `${uid}-${encodeName(disk)}.${mark}.qcow2`;

/** File of the memory that a snapshot holds. */
export const memoryFileName = (uid: string, mark: string): string => `${uid}-memory.${mark}.save`;

/** The disk's name in {@link diskVolumeName} and {@link overlayName}; undefined for a file that we did not name. */
export function diskOfVolume(uid: string, file: string): string | undefined {
  const name = file.slice(file.lastIndexOf("/") + 1);
  if (!name.startsWith(`${uid}-`)) return undefined;
  const [, disk] = /^([^.]+)(?:\.[^.]+)?\.qcow2$/.exec(name.slice(uid.length + 1)) ?? [];
  return disk === undefined ? undefined : decodeName(disk);
}

/** An absolute path that says what it means: no "..", no empty parts, no control characters. */
export const isPlainPath = (path: string): boolean =>
  /^(?:\/[^/\p{Cc}]+)+$/u.test(path) && !path.split("/").some((part) => part === "." || part === "..");
