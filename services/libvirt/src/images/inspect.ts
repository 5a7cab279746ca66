import { isBootable, otherFormat } from "./known-formats.ts";
import { isQcow2, readQcow2 } from "./qcow2-header.ts";

/** How much of a file's beginning tells what it is. */
export const HEAD_BYTES = 64 * 1024;

/** Formats that images are used in as they are. */
export type ImageFormat = "qcow2" | "raw";

/** What a file's beginning shows. `sizeBytes` is the virtual size; that of a raw image is its length. */
export type Inspection =
  | { readonly format: "qcow2"; readonly sizeBytes: number }
  | { readonly format: "raw" }
  | { readonly refused: string };

/**
 * Decides what a file is by its content, never by what it is said to be: a "raw" image that begins with a qcow2 header would be
 * opened as one, and might name any file of the host.
 * @param head the first {@link HEAD_BYTES}, or all of a shorter file.
 * @param declared a format, or "" for what it turns out to be.
 */
export function inspect(head: Buffer, declared: string): Inspection {
  const asked = declared.toLowerCase();
  if (!["", "raw", "qcow2"].includes(asked))
    return {
      refused: `format ${declared} is not used here; convert it: qemu-img convert -O qcow2 IMAGE image.qcow2`,
    };
  if (head.length === 0) return { refused: "it is empty" };
  if (isQcow2(head)) {
    if (asked === "raw") return { refused: "it is said to be raw and is qcow2; correct format" };
    const header = readQcow2(head);
    return "refused" in header ? header : { format: "qcow2", ...header };
  }
  const other = otherFormat(head);
  if (other !== undefined) return { refused: other };
  if (asked === "qcow2") return { refused: "it is said to be qcow2 and is not; correct format or URL" };
  if (asked === "" && !isBootable(head))
    return {
      refused: "it is neither qcow2 nor a disk with a boot sector; if it is a raw disk, say format raw",
    };
  return { format: "raw" };
}
