import type { Vcsim } from "@virtrigaud/test-tools";
import { Pool } from "undici";

/** The least that can talk to vCenter: text in, text out, over kept connections. Logs in by itself. */
export class RawClient {
  readonly #pool: Pool;
  readonly #path: string;
  #headers: Record<string, string> = {};

  private constructor(pool: Pool, path: string) {
    this.#pool = pool;
    this.#path = path;
  }

  /** @param connections how many at most; calls beyond them queue. */
  static async open(vcenter: Vcsim, connections: number): Promise<RawClient> {
    const { origin, pathname } = new URL(vcenter.url);
    const pool = new Pool(origin, { connect: { ca: vcenter.certificatePem }, connections });
    const client = new RawClient(pool, pathname);
    try {
      await client.#logIn(vcenter);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Posts an envelope and answers the answer's. @throws Error when vCenter answers a fault. */
  async post(envelope: string): Promise<string> {
    const { statusCode, headers, body } = await this.#pool.request({
      path: this.#path,
      method: "POST",
      headers: this.#headers,
      body: envelope,
    });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`vCenter answered HTTP ${statusCode}: ${answer.slice(0, 500)}`);
    const cookie = [headers["set-cookie"]].flat()[0]?.split(";")[0];
    if (cookie !== undefined) this.#headers = { ...this.#headers, cookie };
    return answer;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #logIn({ username, password }: Vcsim): Promise<void> {
    this.#headers = { "content-type": "text/xml; charset=utf-8", soapaction: '"urn:vim25/6.0"' };
    const content = await this.post(envelope("RetrieveServiceContent", "ServiceInstance", "ServiceInstance"));
    const version = /<apiVersion>([\d.]+)</.exec(content)?.[1];
    this.#headers = { ...this.#headers, soapaction: `"urn:vim25/${version}"` };
    const credentials = `<userName>${username}</userName><password>${password}</password>`;
    await this.post(envelope("Login", "SessionManager", "SessionManager", credentials));
  }
}

/** A call of a method of one object; `parameters` is the XML that follows `_this`. */
export function envelope(method: string, type: string, id: string, parameters = ""): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>' +
    `<${method} xmlns="urn:vim25"><_this type="${type}">${id}</_this>${parameters}</${method}>` +
    "</soap:Body></soap:Envelope>"
  );
}
