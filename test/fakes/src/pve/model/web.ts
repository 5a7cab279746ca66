/** A file that a URL leads to. */
export interface RemoteFile {
  readonly sizeBytes: number;
  /** The size of the disk in it; default: as the file. */
  readonly virtualBytes?: number;
  readonly mimetype?: string;
  /** Hex by algorithm (sha256, …); a checksum that is asked for and not scripted here holds. */
  readonly checksums?: Readonly<Record<string, string>>;
}

/** What a URL answers; a text is the status line of a failure, `404 Not Found`. */
export type Web = (url: string) => RemoteFile | string;

/** Any URL is a file of 1 GiB. */
export const openWeb: Web = () => ({ sizeBytes: 2 ** 30, mimetype: "application/octet-stream" });
