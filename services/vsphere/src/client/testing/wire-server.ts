import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A SOAP call as it came in. */
export interface WireCall {
  readonly method: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** XML to answer with, status 200 or 500 by its content; or a handler that does as it likes. */
export type Reply =
  | string
  | { readonly xml: string; readonly headers: Record<string, string> }
  | ((response: http.ServerResponse) => void);

export interface WireServer {
  readonly url: string;
  readonly calls: readonly WireCall[];
  /** How many TCP connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/** A server on loopback that speaks real HTTP; `tls` makes it https. */
export async function startWireServer(
  answer: (call: WireCall) => Reply | Promise<Reply>,
  tls?: https.ServerOptions,
): Promise<WireServer> {
  const calls: WireCall[] = [];
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const body = await text(request);
    const call = { method: /<soap:Body[^>]*><(\w+)/.exec(body)?.[1] ?? "", body, headers: request.headers };
    calls.push(call);
    send(response, await answer(call));
  };
  const listener: http.RequestListener = (request, response) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/sdk`;
  return { url, calls, connections: () => connections, close };
}

function send(response: http.ServerResponse, reply: Reply): void {
  if (typeof reply === "function") return reply(response);
  const { xml, headers } = typeof reply === "string" ? { xml: reply, headers: {} } : reply;
  const status = xml.includes("Fault>") ? 500 : 200;
  response.writeHead(status, { "content-type": 'text/xml; charset="utf-8"', ...headers }).end(xml);
}

/** Wraps a body as a vCenter does. */
export function envelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n' +
    `<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>`
  );
}

/** The answer to `method`; `content` is its returnval elements. */
export function answerTo(method: string, content = ""): string {
  return envelope(`<${method}Response xmlns="urn:vim25">${content}</${method}Response>`);
}

/** A fault of `type` with its own fields as XML. */
export function faultOf(type: string, message: string, fields = ""): string {
  return envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${message}</faultstring>` +
      `<detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}">${fields}</${type}Fault></detail></soapenv:Fault>`,
  );
}
