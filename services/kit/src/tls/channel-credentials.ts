import { checkServerIdentity, createSecureContext } from "node:tls";
import { ChannelCredentials, type experimental } from "@grpc/grpc-js";
import { secureContextOptions, type TlsMaterial } from "./tls-files.ts";

type Connector = experimental.SecureConnector;

/**
 * Mutual TLS 1.3 whose certificates can be replaced while connections go on: what grpc-js's own credentials do, made anew from
 * the latest material for each connection.
 */
export class MutualTlsChannelCredentials extends ChannelCredentials {
  readonly #expectedName: string | undefined;
  #latest: ChannelCredentials;

  /** @param expectedName what the server's certificate must be for; undefined: the name that gRPC connects to. */
  constructor(material: TlsMaterial, expectedName?: string) {
    super();
    this.#expectedName = expectedName;
    this.#latest = fromMaterial(material, expectedName);
  }

  /** New connections use this from now on. */
  replace(material: TlsMaterial): void {
    this.#latest = fromMaterial(material, this.#expectedName);
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...args: Parameters<ChannelCredentials["_createSecureConnector"]>
  ): Connector {
    const first = this.#latest._createSecureConnector(...args);
    return {
      connect: (socket) => this.#latest._createSecureConnector(...args).connect(socket),
      waitForReady: () => first.waitForReady(),
      getCallCredentials: () => first.getCallCredentials(),
      destroy: () => first.destroy(),
    };
  }
}

function fromMaterial(material: TlsMaterial, expectedName: string | undefined): ChannelCredentials {
  const context = createSecureContext(secureContextOptions(material));
  if (expectedName === undefined) return ChannelCredentials.createFromSecureContext(context);
  return ChannelCredentials.createFromSecureContext(context, {
    checkServerIdentity: (_name, certificate) => checkServerIdentity(expectedName, certificate),
  });
}
