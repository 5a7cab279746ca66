// The door for providers that import images.
export { type Checksum, checksumOf, type DigestAlgorithm } from "./checksum.ts";
export { type DownloadOptions, type RemoteFile, type Room, withDownload } from "./download.ts";
export { publicName } from "./public-name.ts";
