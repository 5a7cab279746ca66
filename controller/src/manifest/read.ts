import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isNativeError } from "node:util/types";

/** Largest manifest file in bytes: the size of the largest object that the API server stores, parsed in a moment. */
const MAX_FILE_BYTES = 1_500_000;

/** Text of a manifest file, or why it cannot be one. */
export type FileText = { readonly text: string } | { readonly problem: string };

/** Reads a regular UTF-8 file of at most MAX_FILE_BYTES. */
export async function readText(path: string): Promise<FileText> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer, for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const entry = await file.stat();
      if (!entry.isFile()) return { problem: "cannot be read: it is neither a file nor a folder" };
      if (entry.size > MAX_FILE_BYTES) {
        return { problem: `is larger than the ${MAX_FILE_BYTES} bytes of a manifest file` };
      }
      return decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    return { problem: `cannot be read: ${reasonOf(error)}` };
  }
}

/** The reason of a failed file operation in the system's words, without the path that the caller names anyway. */
export function reasonOf(error: unknown): string {
  const message = isNativeError(error) ? error.message : String(error);
  return message.replace(/, \w+( '.*')?$/, "");
}

function decode(bytes: Uint8Array): FileText {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "is not UTF-8 text" };
  }
}
