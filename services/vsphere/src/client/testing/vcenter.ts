import {
  answerTo,
  faultOf,
  type Reply,
  startWireServer,
  type WireCall,
  type WireServer,
} from "./wire-server.ts";

const SERVICE_CONTENT =
  "<returnval>" +
  '<rootFolder type="Folder">group-d1</rootFolder>' +
  '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
  '<viewManager type="ViewManager">ViewManager</viewManager>' +
  "<about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 8.0.2</fullName>" +
  "<vendor>VMware, Inc.</vendor><version>8.0.2</version><build>22385739</build><osType>linux-x64</osType>" +
  "<productLineId>vpx</productLineId><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about>" +
  '<sessionManager type="SessionManager">SessionManager</sessionManager>' +
  '<searchIndex type="SearchIndex">SearchIndex</searchIndex>' +
  "</returnval>";

export interface VcenterServer extends WireServer {
  /** Forgets all sessions, as a restarted vCenter does. */
  forgetSessions(): void;
  /** The password it takes from now on; "secret" at first. */
  setPassword(password: string): void;
}

/** Sessions as a vCenter has them, by cookie; calls other than login and logout go to `answer`. */
export async function startVcenter(
  answer: (call: WireCall) => Reply | Promise<Reply>,
): Promise<VcenterServer> {
  const sessions = new Set<string>();
  let password = "secret";
  let logins = 0;
  const logIn = (body: string): Reply => {
    if (!body.includes(`<password>${password}</password>`)) {
      return faultOf("InvalidLogin", "Cannot complete login due to an incorrect user name or password.");
    }
    const cookie = `vmware_soap_session="${++logins}"`;
    sessions.add(cookie);
    const session = `<returnval><key>${logins}</key><userName>user</userName></returnval>`;
    return {
      xml: answerTo("Login", session),
      headers: { "set-cookie": `${cookie}; Path=/; HttpOnly; Secure` },
    };
  };
  const server = await startWireServer((call) => {
    if (call.method === "RetrieveServiceContent") return answerTo(call.method, SERVICE_CONTENT);
    if (call.method === "Login") return logIn(call.body);
    if (!sessions.has(call.headers.cookie ?? "")) {
      return faultOf("NotAuthenticated", "The session is not authenticated.");
    }
    return call.method === "Logout" ? answerTo("Logout") : answer(call);
  });
  return {
    ...server,
    forgetSessions: () => sessions.clear(),
    setPassword: (next) => {
      password = next;
    },
  };
}
