import { gzipSync } from "node:zlib";

/** gzip, then base64: the encoding that is declared beside the value as "gzip+base64". */
export const gzipBase64 = (text: string): string => gzipSync(text).toString("base64");
