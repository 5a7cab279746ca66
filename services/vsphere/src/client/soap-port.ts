import { fileURLToPath } from "node:url";
import soap from "soap";
import type { OperationName, Operations } from "../vim/operations.ts";
import { argumentsToSoap } from "../vim/order.ts";
import { operationTable } from "../vim/tables/operation.ts";
import type { SoapAnswer } from "./envelope.ts";
import { VimFault } from "./errors.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import type { Transport } from "./transport.ts";

export interface InvokeOptions {
  readonly signal: AbortSignal;
  /** Version of the vim25 API to speak: a server ignores or refuses fields newer than it. */
  readonly apiVersion: string;
  readonly startsSession?: boolean;
}

const WSDL = fileURLToPath(new URL("../../wsdl/vim25.wsdl", import.meta.url));

/**
 * The operations of the WSDL: npm soap builds the envelopes, our transport carries them. The answers do not pass
 * through soap: its parser leaves anyType values untyped and holds up the event loop for a second per 7 MB.
 */
export class SoapPort {
  readonly #transport: Transport;
  #client: Promise<soap.Client> | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Calls `method` on `self`. Throws VimFault for a fault, and what the transport throws. */
  async invoke<M extends OperationName>(
    method: M,
    self: Operations[M]["self"],
    args: Operations[M]["args"],
    { signal, apiVersion, startsSession = false }: InvokeOptions,
  ): Promise<Operations[M]["returns"]> {
    const { args: argumentTypes, returns } = operationTable[method];
    const soapArgs = argumentsToSoap(method, argumentTypes, { _this: self, ...args });
    const decoder = new ResponseDecoder(method, returns);
    let answer: SoapAnswer | undefined;
    const send: Send = async (body, headers) => {
      answer = await this.#transport.post({ method, headers, body, signal, startsSession, decoder });
    };
    this.#client ??= createClient();
    const operation = (await this.#client)[`${method}Async`] as soap.SoapMethodAsync;
    await operation(soapArgs, { send }, { SOAPAction: `"urn:vim25/${apiVersion}"` });
    if (answer === undefined) throw new Error(`${method}: soap did not send the request`);
    if ("fault" in answer) throw new VimFault(method, answer.fault);
    return answer.value as Operations[M]["returns"];
  }
}

async function createClient(): Promise<soap.Client> {
  const client = await soap.createClientAsync(WSDL, { httpClient: carrier });
  client.addBodyAttribute({ "xmlns:xsd": "http://www.w3.org/2001/XMLSchema" });
  return client;
}

type Send = (body: string, headers: Record<string, string>) => Promise<void>;

/** What soap is told it received: an answer without content, which it makes nothing of. */
const EMPTY_ANSWER = '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body/></Envelope>';

/** soap's HTTP client: hands the envelope to the `send` of the call it belongs to. */
const carrier: soap.IHttpClient = {
  request(_url, body: string, callback, headers, options) {
    const { send } = options as { send: Send };
    const done = send(body, headers as Record<string, string>).then(
      () => callback(null, { status: 200, headers: {} }, EMPTY_ANSWER),
      (error: unknown) => callback(error),
    );
    // soap declares axios's promise here and does not use it.
    return done as unknown as ReturnType<soap.IHttpClient["request"]>;
  },
};
