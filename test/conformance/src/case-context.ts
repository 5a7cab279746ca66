import { randomUUID } from "node:crypto";
import {
  type Capability,
  Disk,
  type Feature,
  type GetInfoResponse,
  type Operation,
  type PowerAction,
  SetPowerRequest,
  Support,
  View,
  type VM,
  VMSpec,
} from "@virtrigaud/proto";
import {
  type CallOptions,
  type EnsureResponse,
  type ProviderConnection,
  status,
  untilComplete,
  waitForOperation,
} from "@virtrigaud/kit/client";
import { errorOf, expectPresent } from "./expect.ts";
import type { Fixture } from "./fixture.ts";
import { patiently } from "./patiently.ts";

/** What all cases of a run share. */
export interface Run {
  readonly provider: ProviderConnection;
  readonly fixture: Fixture;
  readonly info: GetInfoResponse;
  readonly capabilities: ReadonlyMap<Feature, Capability>;
  /** Every VM that existed before the first case. */
  readonly before: readonly VM[];
  /** Begins the name of every VM that this run makes. */
  readonly prefix: string;
  /** Every uid that any case has used. */
  readonly uids: Set<string>;
}

const MiB = 1024 ** 2;
const controllerId = "virtrigaud-conformance";

/** What a case works with. Everything it makes is named and tracked here. */
export class CaseContext {
  readonly run: Run;
  readonly provider: ProviderConnection;
  readonly fixture: Fixture;
  /** Aborted when the case takes too long. */
  readonly signal: AbortSignal;
  readonly #caseId: string;
  readonly #uids: string[] = [];
  #names = 0;

  constructor(run: Run, caseId: string, signal: AbortSignal) {
    this.run = run;
    this.provider = run.provider;
    this.fixture = run.fixture;
    this.signal = signal;
    this.#caseId = caseId;
  }

  /** A new uid; whatever it owns is deleted after the case. */
  uid(): string {
    const uid = randomUUID();
    this.#uids.push(uid);
    this.run.uids.add(uid);
    return uid;
  }

  /** A name that no other VM has. */
  name(): string {
    return `${this.run.prefix}-${this.#caseId}-${++this.#names}`;
  }

  /** The least spec that every provider can make, with what is given beside it. */
  spec(part: Partial<VMSpec> = {}): VMSpec {
    const { placement } = this.fixture;
    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 64 * MiB })];
    const least = VMSpec.fromPartial({ name: this.name(), cpus: 1, memoryBytes: 256 * MiB });
    return { ...least, disks, placement, ...part };
  }

  /** Whether the provider says that it can, or may be able to. */
  can(feature: Feature): boolean {
    const support = this.run.capabilities.get(feature)?.support;
    return support === Support.SUPPORTED || support === Support.UNKNOWN;
  }

  /** Ensures a VM and returns it as COMPLETE brought it. */
  async create(spec: VMSpec, uid = this.uid()): Promise<VM> {
    const request = { uid, spec, controllerId };
    const { vm } = await this.ensure((options) => this.provider.createVm(request, options));
    return expectPresent(vm, "CreateVMResponse.vm when COMPLETE");
  }

  /** One call of CreateVM. */
  createOnce(spec: VMSpec, uid: string, options: CallOptions = {}) {
    return this.provider.createVm({ uid, spec, controllerId }, { signal: this.signal, ...options });
  }

  /** Ensures that no VM of the uid exists. */
  async delete(uid: string): Promise<void> {
    await this.ensure((options) => this.provider.deleteVm({ uid, retainDisks: false }, options));
  }

  /** Calls an ensure until it is COMPLETE, repeating it as the contract lets callers do. */
  ensure<R extends EnsureResponse>(call: (options: CallOptions) => Promise<R>): Promise<R> {
    const limits = { signal: this.signal, timeoutMs: this.fixture.timeouts.operationMs };
    return patiently(() => untilComplete(this.provider, call, limits), this.signal);
  }

  /** Changes the power and waits for it; returns the operation as the call answered it. */
  async power(uid: string, action: PowerAction): Promise<Operation> {
    const request = SetPowerRequest.fromPartial({ uid, action });
    const call = () => this.provider.setPower(request, { signal: this.signal });
    const { operation } = await patiently(call, this.signal);
    const started = expectPresent(operation, "SetPowerResponse.operation");
    await this.done(started);
    return started;
  }

  /** Waits until an operation has succeeded. */
  done(operation: Operation | undefined): Promise<Operation> {
    const limits = { signal: this.signal, timeoutMs: this.fixture.timeouts.operationMs };
    return waitForOperation(this.provider, expectPresent(operation, "operation"), limits);
  }

  /** The VM of a uid, VIEW_FULL; undefined when the hypervisor has none. */
  async find(uid: string): Promise<VM | undefined> {
    const call = this.get({ $case: "uid", value: uid });
    const error = await errorOf(call);
    if (error && error.code !== status.NOT_FOUND) throw error;
    return error ? undefined : call;
  }

  /** The VM that a reference names, VIEW_FULL. */
  async get(reference: { $case: "uid" | "id"; value: string }): Promise<VM> {
    const request = { vm: { reference }, view: View.FULL };
    const { vm } = await this.provider.getVm(request, { signal: this.signal });
    return expectPresent(vm, "GetVMResponse.vm");
  }

  /** All VMs with this name, owned or not. */
  async named(name: string): Promise<VM[]> {
    return (await listAll(this.provider, this.signal)).filter((vm) => vm.name === name);
  }

  /** Deletes everything that the case made; the signal bounds that, not the case. */
  async cleanUp(signal: AbortSignal): Promise<void> {
    const cleaner = new CaseContext(this.run, this.#caseId, signal);
    for (const uid of this.#uids) {
      const error = await errorOf(cleaner.delete(uid));
      if (error && error.code !== status.NOT_FOUND) throw error;
    }
  }
}

/** Every VM of the hypervisor, owned or not. */
export async function listAll(provider: ProviderConnection, signal: AbortSignal): Promise<VM[]> {
  const vms: VM[] = [];
  let pageToken = "";
  do {
    const request = { pageSize: 1000, pageToken, view: View.BASIC, includeUnowned: true };
    const page = await provider.listVMs(request, { signal });
    vms.push(...page.vms);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return vms;
}
