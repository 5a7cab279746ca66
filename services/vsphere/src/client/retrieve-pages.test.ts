import { afterEach, expect, test } from "@jest/globals";
import { VimFault } from "./errors.ts";
import { startVcenter } from "./testing/vcenter.ts";
import { answerTo, type WireCall } from "./testing/wire-server.ts";
import { VimClient } from "./vim-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function connect(answer: (call: WireCall) => string) {
  const server = await startVcenter(answer);
  const vim = new VimClient({
    endpoint: server.url,
    trust: { mode: "insecure" },
    credentials: async () => ({ username: "user", password: "secret" }),
  });
  closers.push(
    () => vim.close(),
    () => server.close(),
  );
  return { vim, server };
}

const view = answerTo("CreateContainerView", '<returnval type="ContainerView">session-1</returnval>');

const objects = (...ids: string[]) =>
  ids
    .map(
      (id) =>
        `<objects><obj type="VirtualMachine">${id}</obj><propSet><name>name</name><val xsi:type="xsd:string">${id}</val></propSet></objects>`,
    )
    .join("");

test("pages are followed by their token until there is none", async () => {
  const { vim, server } = await connect(({ method, body }) => {
    if (method === "CreateContainerView") return view;
    if (method === "RetrievePropertiesEx") {
      return answerTo(method, `<returnval><token>1</token>${objects("a", "b")}</returnval>`);
    }
    const isLast = body.includes("<token>2</token>");
    return answerTo(
      method,
      `<returnval>${isLast ? "" : "<token>2</token>"}${objects(isLast ? "d" : "c")}</returnval>`,
    );
  });
  const { VirtualMachine } = await vim.retrieve({ paths: { VirtualMachine: ["name"] } });
  expect(VirtualMachine.map(({ props }) => props.name)).toEqual(["a", "b", "c", "d"]);
  expect(server.calls.slice(2).map(({ method }) => method)).toEqual([
    "CreateContainerView",
    "RetrievePropertiesEx",
    "ContinueRetrievePropertiesEx",
    "ContinueRetrievePropertiesEx",
  ]);
  expect(server.calls[3]?.body).toContain(
    "<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet>" +
      '<objectSet><obj type="ContainerView">session-1</obj><skip>true</skip>' +
      '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>' +
      "</objectSet></specSet><options><maxObjects>1000</maxObjects></options>",
  );
});

test("nothing found is empty lists", async () => {
  const { vim } = await connect(({ method }) => (method === "CreateContainerView" ? view : answerTo(method)));
  const paths = { VirtualMachine: ["name"], HostSystem: ["name"] };
  expect(await vim.retrieve({ paths })).toEqual({ VirtualMachine: [], HostSystem: [] });
});

const missing = (faultType: string) =>
  answerTo(
    "RetrievePropertiesEx",
    '<returnval><objects><obj type="VirtualMachine">vm-1</obj><missingSet><path>config</path>' +
      `<fault><fault xsi:type="${faultType}"><privilegeId>System.Read</privilegeId></fault><localizedMessage/></fault>` +
      "</missingSet></objects></returnval>",
  );
const vm = { type: "VirtualMachine", value: "vm-1" } as const;

test("a property that may not be read is missing, and says why", async () => {
  const { vim } = await connect(() => missing("NoPermission"));
  expect(await vim.read(vm, ["config"])).toEqual({
    obj: vm,
    props: {},
    missing: [{ path: "config", faultType: "NoPermission" }],
  });
});

test("properties missing for want of a session are an expired session", async () => {
  const { vim, server } = await connect(() => missing("NotAuthenticated"));
  await expect(vim.read(vm, ["config"])).rejects.toThrow(VimFault);
  expect(server.calls.filter(({ method }) => method === "Login")).toHaveLength(2);
});
