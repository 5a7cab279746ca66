import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { text } from "node:stream/consumers";

/** What came back: HTTP status and the envelope as text. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** One session's calls, for our own tests: envelopes written by hand, the cookie kept, answers as text. */
export class RawSoap {
  readonly #url: string;
  readonly #ca: string;
  #cookie = "";

  constructor(url: string, ca: string) {
    this.#url = url;
    this.#ca = ca;
  }

  /** Calls a method of the object `Type:id`; `parameters` is the XML that follows `_this`. @throws when the connection breaks. */
  async call(object: string, method: string, parameters = ""): Promise<RawAnswer> {
    const [type, id] = object.split(":");
    const envelope =
      '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
      `<Body><${method} xmlns="urn:vim25"><_this type="${type}">${id}</_this>${parameters}</${method}></Body></Envelope>`;
    const client = this.#url.startsWith("https:") ? https : http;
    const headers = { "content-type": "text/xml", cookie: this.#cookie };
    const request = client.request(this.#url, { method: "POST", agent: false, ca: this.#ca, headers });
    request.end(envelope);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    this.#cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? this.#cookie;
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  /** Opens the session. */
  login(username: string, password: string): Promise<RawAnswer> {
    const credentials = `<userName>${username}</userName><password>${password}</password>`;
    return this.call("SessionManager:SessionManager", "Login", credentials);
  }

  /** Properties of one object, as the answer's text. */
  async properties(object: string, ...names: string[]): Promise<string> {
    const [type, id] = object.split(":");
    const paths = names.map((name) => `<pathSet>${name}</pathSet>`).join("");
    const { body } = await this.call(
      "PropertyCollector:propertyCollector",
      "RetrieveProperties",
      `<specSet><propSet><type>${type}</type>${paths}</propSet><objectSet><obj type="${type}">${id}</obj></objectSet></specSet>`,
    );
    return body;
  }
}
