import { ServerCredentials } from "@grpc/grpc-js";
import { secureContextOptions, type TlsMaterial } from "./tls-files.ts";

/**
 * Mutual TLS 1.3 whose certificates can be replaced while connections go on. grpc-js's own certificate providers cannot say the
 * least TLS version, and what GRPC_SSL_CIPHER_SUITES restricts is forgotten when Node's server gets a new secure context without
 * ciphers (grpc-js 1.14, server-credentials.ts): after the first rotation TLS 1.2 would be accepted.
 */
export class MutualTlsServerCredentials extends ServerCredentials {
  constructor(material: TlsMaterial) {
    super({ requestCert: true, rejectUnauthorized: true }, secureContextOptions(material));
  }

  /** New connections use this from now on. */
  replace(material: TlsMaterial): void {
    this.updateSecureContextOptions(secureContextOptions(material));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
