import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "@jest/globals";
import { SaxesParser } from "saxes";
import { operationTable } from "../vim/tables/operation.ts";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";
import { renderXml } from "../vim/xml.ts";
import { VimFault } from "./errors.ts";
import { SoapPort } from "./soap-port.ts";
import { answerTo, faultOf, type Reply, startWireServer, type WireServer } from "./testing/wire-server.ts";
import { Transport } from "./transport.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function portTo(reply: Reply): Promise<{ port: SoapPort; server: WireServer }> {
  const server = await startWireServer(() => reply);
  const transport = new Transport({ endpoint: server.url, trust: { mode: "insecure" } });
  closers.push(
    () => transport.close(),
    () => server.close(),
  );
  return { port: new SoapPort(transport), server };
}

const options = () => ({ signal: AbortSignal.timeout(5000), apiVersion: "8.0.2.0" });
const folder = { type: "Folder", value: "group-v3" } as const;
const pool = { type: "ResourcePool", value: "resgroup-8" } as const;
const config: VirtualMachineConfigSpec = {
  name: 'a & "b" <c>',
  deviceChange: [
    { operation: "add", device: { $type: "VirtualTPM", key: -1 } },
    { operation: "add", device: { $type: "VirtualVmxnet3", key: -2, addressType: "generated" } },
  ],
  extraConfig: [{ key: "virtrigaud.uid", value: "line 1\nline 2" }],
};

test("the envelope that soap sends", async () => {
  const { port, server } = await portTo(
    answerTo("CreateVM_Task", '<returnval type="Task">task-7</returnval>'),
  );
  const task = await port.invoke("CreateVM_Task", folder, { pool, config }, options());
  expect(task).toEqual({ type: "Task", value: "task-7" });
  expect(server.calls[0]?.headers).toMatchObject({
    soapaction: '"urn:vim25/8.0.2.0"',
    "content-type": "text/xml; charset=utf-8",
    "user-agent": "virtrigaud-provider-vsphere",
  });
  expect(server.calls[0]?.body).toBe(
    '<?xml version="1.0" encoding="utf-8"?>' +
      '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"' +
      ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"  xmlns:tns="urn:vim25">' +
      '<soap:Body xmlns:xsd="http://www.w3.org/2001/XMLSchema"><CreateVM_Task xmlns="urn:vim25">' +
      '<_this type="Folder">group-v3</_this>' +
      "<config><name>a &amp; &quot;b&quot; &lt;c&gt;</name>" +
      '<deviceChange><operation>add</operation><device xsi:type="VirtualTPM"><key>-1</key></device></deviceChange>' +
      '<deviceChange><operation>add</operation><device xsi:type="VirtualVmxnet3"><key>-2</key>' +
      "<addressType>generated</addressType></device></deviceChange>" +
      '<extraConfig><key>virtrigaud.uid</key><value xsi:type="xsd:string">line 1&#xA;line 2</value></extraConfig></config>' +
      '<pool type="ResourcePool">resgroup-8</pool></CreateVM_Task></soap:Body></soap:Envelope>',
  );
});

test("what renderXml shows is what soap sends", async () => {
  const { port, server } = await portTo(
    answerTo("CreateVM_Task", '<returnval type="Task">task-7</returnval>'),
  );
  await port.invoke("CreateVM_Task", folder, { pool, config }, options());
  const sent = events(server.calls[0]?.body ?? "");
  const shown = events(renderXml("VirtualMachineConfigSpec", config));
  const from = sent.indexOf("<config");
  expect(sent.slice(from + 1, sent.lastIndexOf("config>"))).toEqual(shown.slice(1, -1));
});

test("a fault is thrown with its type, text and fields", async () => {
  const { port } = await portTo(
    faultOf(
      "InvalidArgument",
      "A specified parameter was not correct: spec",
      "<invalidProperty>spec</invalidProperty>",
    ),
  );
  const error = await port.invoke("CreateFolder", folder, { name: "x" }, options()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(VimFault);
  expect(error).toMatchObject({
    message: "CreateFolder: InvalidArgument: A specified parameter was not correct: spec",
    method: "CreateFolder",
    faultType: "InvalidArgument",
    faultString: "A specified parameter was not correct: spec",
    detail: { invalidProperty: "spec" },
  });
});

test("parallel calls get their own answers", async () => {
  const server = await startWireServer(async ({ method, body }) => {
    const name = /<name>(.*?)<\/name>/.exec(body)?.[1] ?? "";
    await new Promise((resolve) => setTimeout(resolve, 20 - Number(name)));
    return answerTo(method, `<returnval type="Folder">group-${name}</returnval>`);
  });
  const transport = new Transport({ endpoint: server.url, trust: { mode: "insecure" } });
  closers.push(
    () => transport.close(),
    () => server.close(),
  );
  const port = new SoapPort(transport);
  const names = Array.from({ length: 20 }, (_, i) => String(i));
  const made = await Promise.all(
    names.map((name) => port.invoke("CreateFolder", folder, { name }, options())),
  );
  expect(made.map(({ value }) => value)).toEqual(names.map((name) => `group-${name}`));
  expect(server.connections()).toBe(8);
});

test("the WSDL has the operations of the table, with their arguments in the same order", () => {
  const wsdl = readFileSync(new URL("../../wsdl/vim25.wsdl", import.meta.url), "utf8");
  const schema = [
    ...wsdl.matchAll(/<xsd:element name="(\w+)">\s*<xsd:complexType>(.*?)<\/xsd:complexType>/gs),
  ];
  const declared = schema.map(([, name, type]) => [
    name,
    [...(type ?? "").matchAll(/name="(\w+)"/g)].map(([, n]) => n),
  ]);
  const expected = Object.entries(operationTable).map(([name, { args }]) => [name, Object.keys(args.fields)]);
  expect(declared).toEqual(expected);
  const bound = [...wsdl.matchAll(/<wsdl:operation name="(\w+)">\s*<soap:operation/g)].map(
    ([, name]) => name,
  );
  expect(bound).toEqual(Object.keys(operationTable));
});

/** Elements, their attributes (no namespace declarations) and texts in document order, without layout. */
function events(xml: string): string[] {
  const seen: string[] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    seen.push(
      `<${name}`,
      ...Object.entries(attributes)
        .filter(([key]) => !key.startsWith("xmlns"))
        .map(String),
    );
  });
  parser.on("closetag", ({ name }) => seen.push(`${name}>`));
  parser.on("text", (text) => {
    if (text.trim() !== "") seen.push(text);
  });
  parser.write(xml).close();
  return seen;
}
