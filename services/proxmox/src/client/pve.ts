import { type ApiRequestable, proxmoxApi } from "proxmox-api";
import type { PveApi } from "./api.ts";
import type { Credentials } from "./credentials.ts";
import { type CallOptions, withDeadline } from "./deadline.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest, type PveParameters, type WireRequest } from "./encode-request.ts";
import { encodeUpload, type Upload } from "./encode-upload.ts";
import { secretsIn } from "./redact.ts";
import { Session } from "./session.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export interface PveOptions extends TransportOptions {
  /** Asked before every login, so that rotated credentials are found. */
  readonly credentials: () => Promise<Credentials>;
}

/**
 * A Proxmox VE cluster, by one of its nodes. Logs in when first used and again before the login expires; apart from
 * that one call is one request.
 *
 * All calls reject with PveError (PVE refused), PveUnreachable, PveNodeUnreachable, PveTlsError, PveProtocolError,
 * PveCredentialsRefused, TypeError (a parameter that cannot be sent) or the reason of an aborted signal.
 */
export class Pve {
  readonly #transport: Transport;
  readonly #session: Session;

  /** Does no I/O. Throws PveTlsError or TypeError for options that make no sense. */
  constructor(options: PveOptions) {
    this.#transport = new Transport(options);
    this.#session = new Session({ transport: this.#transport, credentials: options.credentials });
  }

  /** The API, every call on it bounded by `options`. Costs less than a microsecond: made anew for each call. */
  api(options: CallOptions = {}): PveApi {
    const engine: ApiRequestable = {
      doRequest: (method, path, template, parameters) =>
        this.#call(options, method, path, template, parameters as PveParameters | undefined),
    };
    return proxmoxApi(engine) as PveApi;
  }

  /** Stores a file; answers the UPID of the task that does so. What is in it is in no error and no report. */
  async upload(file: Upload, options: CallOptions = {}): Promise<string> {
    return String(await this.#send(encodeUpload(file), [], options));
  }

  /** Closes the connections; calls under way fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #call(
    options: CallOptions,
    method: string,
    path: string,
    template: string,
    parameters: PveParameters | undefined,
  ): Promise<unknown> {
    const request = encodeRequest(method, path, template, parameters);
    return this.#send(request, secretsIn(parameters ?? {}), options);
  }

  #send(request: WireRequest, secrets: readonly string[], options: CallOptions): Promise<unknown> {
    return withDeadline(request, options, (signal) =>
      this.#session.run(async (login) => {
        const headers = { ...request.headers, ...login.headers(request.method) };
        const answer = await this.#transport.send({ ...request, headers }, signal);
        return decodeAnswer(request, answer, [...secrets, ...login.secrets]);
      }, signal),
    );
  }
}
