import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { connectProvider } from "@virtrigaud/kit/client";
import { type Rpcs, startMemoryProvider } from "@virtrigaud/memory-provider";
import {
  EnsureState,
  Feature,
  type GetVMRequest,
  OperationState,
  PowerAction,
  PowerState,
  SetPowerRequest,
  Tristate,
  View,
  WatchEventType,
} from "@virtrigaud/proto";
import { readFixture, runConformance } from "./index.ts";

// Each mutant is the honest provider with one promise broken; the suite has to notice that and nothing else.
const fixture = readFixture(fileURLToPath(new URL("../fixtures/memory.yaml", import.meta.url)));

type Mutant = (honest: Rpcs) => Partial<Rpcs>;

const never = new AbortController().signal;

const mutants: Record<string, { readonly fails: readonly string[]; readonly breaks: Mutant }> = {
  "tells a contract version of its own": {
    fails: ["info"],
    breaks: ({ getInfo }) => ({
      getInfo: async (request) => ({ ...(await getInfo(request, never)), contractVersion: "2.0" }),
    }),
  },
  "lists capabilities in any order": {
    fails: ["capabilities"],
    breaks: ({ getCapabilities }) => ({
      getCapabilities: async (request) => {
        const { capabilities } = await getCapabilities(request, never);
        return { capabilities: capabilities.toReversed() };
      },
    }),
  },
  "hides what it implements": {
    fails: ["capabilities", "console", "unimplemented"],
    breaks: ({ getCapabilities }) => ({
      getCapabilities: async (request) => {
        const { capabilities } = await getCapabilities(request, never);
        return { capabilities: capabilities.filter(({ feature }) => feature !== Feature.CONSOLE) };
      },
    }),
  },
  "ignores that nesting is asked for": {
    fails: ["nested-guard", "nested-required", "presence-nested"],
    breaks: ({ createVm }) => ({
      createVm: (request) =>
        createVm(
          { ...request, spec: request.spec && { ...request.spec, nestedVirtualization: undefined } },
          never,
        ),
    }),
  },
  "says verified where nothing was proven": {
    fails: ["nested-verified"],
    breaks: ({ getVm }) => ({
      getVm: async (request) => {
        const { vm } = await getVm(request, never);
        const running = vm?.powerState === PowerState.ON;
        const nested = vm?.nested && { ...vm.nested, verified: Tristate.TRUE };
        return { vm: vm && { ...vm, nested: running ? nested : vm.nested } };
      },
    }),
  },
  "takes another spec for the same": {
    fails: ["reconfigure", "spec-mismatch"],
    breaks: ({ createVm, getVm }) => ({
      createVm: async (request) => {
        try {
          return await createVm(request, never);
        } catch (error) {
          if (reasonOf(error) !== "SPEC_MISMATCH") throw error;
          const found = await getVm(byUid(request.uid), never);
          return { state: EnsureState.COMPLETE, operation: undefined, vm: found.vm };
        }
      },
    }),
  },
  "tells only the first violation": {
    fails: ["invalid-spec"],
    breaks: ({ createVm }) => ({
      createVm: async (request) => {
        try {
          return await createVm(request, never);
        } catch (error) {
          if (hasDetail(error)) error.detail.violations = error.detail.violations?.slice(0, 1);
          throw error;
        }
      },
    }),
  },
  "errors without details": {
    fails: ["error-details"],
    breaks: ({ getVm }) => ({
      getVm: async (request) => {
        try {
          return await getVm(request, never);
        } catch (error) {
          if (hasDetail(error)) error.reason = "";
          throw error;
        }
      },
    }),
  },
  "plans by making": {
    fails: ["left-behind", "plan"],
    breaks: ({ planVm, createVm }) => ({
      planVm: async (request) => {
        const planned = await planVm(request, never);
        const uid = randomUUID();
        if (planned.violations.length === 0)
          await createVm({ uid, spec: request.spec, controllerId: "" }, never);
        await sleep(30);
        return planned;
      },
    }),
  },
  "skips a VM between pages": {
    fails: ["list-changing", "list-pages"],
    breaks: ({ listVMs }) => ({
      listVMs: async (request) => {
        const page = await listVMs(request, never);
        return request.pageToken === "" ? page : { ...page, vms: page.vms.slice(1) };
      },
    }),
  },
  "begins anew after a token that it does not know": {
    fails: ["error-details", "list-pages"],
    breaks: ({ listVMs }) => ({
      listVMs: (request) => {
        const pageToken = request.pageToken.startsWith("after:") ? request.pageToken : "";
        return listVMs({ ...request, pageToken }, never);
      },
    }),
  },
  "never tells of deletions": {
    fails: ["watch-changes", "watch-resume"],
    breaks: ({ watchVMs }) => ({
      async *watchVMs(request, signal) {
        for await (const message of watchVMs(request, signal)) {
          if (message.type !== WatchEventType.DELETED) yield message;
        }
      },
    }),
  },
  "is silent while nothing changes": {
    fails: ["watch-heartbeat"],
    breaks: ({ watchVMs }) => ({
      async *watchVMs(request, signal) {
        for await (const message of watchVMs(request, signal)) {
          if (message.type !== WatchEventType.HEARTBEAT) yield message;
        }
      },
    }),
  },
  "powers off when asked for what is on": {
    fails: ["power-on-off"],
    breaks: ({ setPower, getVm }) => ({
      setPower: async (request) => {
        const found = await getVm(byUid(request.uid), never);
        const isOn = found.vm?.powerState === PowerState.ON;
        const action = request.action === PowerAction.ON && isOn ? PowerAction.OFF : request.action;
        return setPower({ ...request, action }, never);
      },
    }),
  },
  "ends an operation's stream before it is done": {
    fails: ["operation-lifecycle"],
    breaks: ({ watchOperation }) => ({
      async *watchOperation(request, signal) {
        for await (const message of watchOperation(request, signal)) {
          // Also where the task is done before anybody watches: it never tells of an end.
          const { operation } = message;
          yield { operation: operation && { ...operation, state: OperationState.RUNNING } };
          return;
        }
      },
    }),
  },
  "deletes nothing and says COMPLETE": {
    fails: ["adopt", "delete", "get-unknown", "left-behind", "watch-changes", "watch-resume"],
    breaks: () => ({ deleteVm: () => ({ state: EnsureState.COMPLETE, operation: undefined }) }),
  },
  "fails to delete what never was": {
    fails: ["delete"],
    breaks: ({ deleteVm, getVm }) => {
      const known = new Set<string>();
      return {
        deleteVm: async (request) => {
          if (!known.has(request.uid)) await getVm(byUid(request.uid), never);
          known.add(request.uid);
          return deleteVm(request, never);
        },
      };
    },
  },
  "adopts a VM of the same name": {
    fails: ["create-name-race", "foreign-vm", "name-taken"],
    breaks: ({ createVm, listVMs }) => ({
      createVm: async (request) => {
        try {
          return await createVm(request, never);
        } catch (error) {
          if (reasonOf(error) !== "NAME_TAKEN") throw error;
          const all = { pageSize: 1000, pageToken: "", view: View.FULL, includeUnowned: true };
          const { vms } = await listVMs(all, never);
          const vm = vms.find(({ name }) => name === request.spec?.name);
          return { state: EnsureState.COMPLETE, operation: undefined, vm };
        }
      },
    }),
  },
  "makes each VM twice": {
    fails: ["left-behind"],
    breaks: ({ createVm }) => ({
      createVm: async (request) => {
        const answer = await createVm(request, never);
        const spec = request.spec && { ...request.spec, name: `${request.spec.name}-twin` };
        // On an honest replay the twin is there already: its name is taken.
        await (async () => createVm({ ...request, uid: randomUUID(), spec }, never))().catch(() => undefined);
        return answer;
      },
    }),
  },
  "turns off what is created again": {
    fails: ["create-replay"],
    breaks: ({ createVm, setPower }) => ({
      createVm: async (request) => {
        const answer = await createVm(request, never);
        if (answer.vm?.powerState !== PowerState.ON) return answer;
        const off = SetPowerRequest.fromPartial({ uid: request.uid, action: PowerAction.OFF });
        await setPower(off, never);
        return { ...answer, vm: { ...answer.vm, powerState: PowerState.OFF } };
      },
    }),
  },
  "takes a native identity for a uid": {
    fails: ["foreign-vm"],
    breaks: ({ setPower, adoptVm }) => ({
      setPower: async (request) => {
        if (!request.uid.startsWith("vm-")) return setPower(request, never);
        const uid = randomUUID();
        await adoptVm({ id: request.uid, uid, controllerId: "" }, never);
        return setPower({ ...request, uid }, never);
      },
    }),
  },
};

test.each(Object.entries(mutants))(
  "%s",
  async (_name, { breaks, fails }) => {
    const provider = await startMemoryProvider({ taskMs: 5, heartbeatMs: 200, replace: breaks });
    const address = provider.address;
    const connection = await connectProvider({ address, tls: "insecure", retries: 0, breaker: false });
    // Long enough for a busy machine: only what a mutant never does takes as long.
    const timeouts = { caseMs: 15_000, operationMs: 10_000, heartbeatMs: 500 };
    try {
      const { results } = await runConformance({
        connection,
        fixture: { ...fixture, timeouts },
        parallel: 8,
      });
      const failed = results.filter(({ outcome }) => outcome === "FAIL");
      expect(failed.map(({ id }) => id).sort()).toEqual(fails);
    } finally {
      connection.close();
      provider.stop();
    }
  },
  60_000,
);

function byUid(uid: string): GetVMRequest {
  return { vm: { reference: { $case: "uid", value: uid } }, view: View.FULL };
}

interface DetailedError {
  reason: string;
  detail: { violations?: readonly unknown[] | undefined };
}

function hasDetail(error: unknown): error is DetailedError {
  return typeof error === "object" && error !== null && "detail" in error;
}

function reasonOf(error: unknown): string {
  return hasDetail(error) ? error.reason : "";
}
