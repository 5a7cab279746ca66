import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  type MemoryProvider,
  type MemoryProviderOptions,
  startMemoryProvider,
} from "@virtrigaud/memory-provider";
import { Feature, Outcome } from "@virtrigaud/proto";
import { runCli } from "./program.ts";

jest.setTimeout(20_000);

let root = "";
let provider: MemoryProvider | undefined;
let abort = new AbortController();
beforeEach(async () => {
  abort = new AbortController();
  root = await mkdtemp(join(tmpdir(), "cli-test-"));
  await mkdir(join(root, "vms"));
});
afterEach(async () => {
  abort.abort();
  provider?.stop();
  provider = undefined;
  await rm(root, { recursive: true });
});

const manifests = () => join(root, "vms");
const flags = (...more: string[]) => ["-f", manifests(), "--state", join(root, "state"), ...more];

/** The declaration of one VM, and of the provider that a test runs. */
async function declare(
  options?: MemoryProviderOptions,
  { cpu = "4", source = "vsphere: {templateName: ubuntu-22.04}" } = {},
): Promise<MemoryProvider> {
  provider = await startMemoryProvider(options);
  const header = "apiVersion: infra.virtrigaud.io/v1beta1\n";
  const documents = [
    `kind: Provider\nmetadata: {name: memory}\nspec:\n  type: vsphere\n  endpoint: https://hypervisor.example\n  credentialSecretRef: {name: none}\n  runtime: {endpoint: "dns:///${provider.address}", service: {tls: {enabled: false}}}`,
    `kind: VMClass\nmetadata: {name: small}\nspec:\n  cpu: ${cpu}\n  memory: 8Gi\n  performanceProfile: {nestedVirtualization: true}`,
    `kind: VMImage\nmetadata: {name: ubuntu}\nspec: {source: {${source}}}`,
    "kind: VirtualMachine\nmetadata: {name: web}\nspec:\n  providerRef: {name: memory}\n  classRef: {name: small}\n  imageRef: {name: ubuntu}\n  powerState: On",
  ];
  await writeFile(join(manifests(), "all.yaml"), documents.map((each) => header + each).join("\n---\n"));
  return provider;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function vrtg(args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, {
    env: {},
    out: (text) => out.push(text),
    err: (line) => err.push(line),
    signal: abort.signal,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("vrtg up --once", () => {
  test("brings the VM up, tells what happens, and prints the table", async () => {
    await declare();
    const { code, out, err } = await vrtg(["up", ...flags("--once")]);
    expect(out.split("\n")[0]?.split(/ {2,}/)).toEqual([
      "VM",
      "PROVIDER",
      "PHASE",
      "POWER",
      "NESTED REQUESTED",
      "HOST",
      "CONFIGURED",
      "VERIFIED",
      "MECHANISM",
    ]);
    expect(out.split("\n")[1]?.split(/ {2,}/).slice(0, 8)).toEqual([
      "default/web",
      "memory (vsphere, simulated)",
      "Running",
      "On",
      "true",
      "true",
      "true",
      "unknown",
    ]);
    expect(err).toContain("default/web: Provisioning");
    expect(err).toContain("default/web: Running: the VM runs as declared");
    expect(code).toBe(0);
  });

  test("-o json is the same for programs", async () => {
    await declare();
    const { out } = await vrtg(["up", ...flags("--once", "-o", "json")]);
    expect(JSON.parse(out)).toMatchObject({
      virtualMachines: [
        {
          namespace: "default",
          name: "web",
          provider: "default/memory",
          simulated: true,
          status: { phase: "Running" },
        },
      ],
      providers: [
        { name: "default/memory", type: "vsphere", simulated: true, available: { status: "True" } },
      ],
    });
  });

  test("ends with 1 and the remedy when no host can nest", async () => {
    await declare({ nesting: "incapable" });
    const { code, out } = await vrtg(["up", ...flags("--once")]);
    expect(out).toMatch(/default\/web is not ready: NestedUnsupported: .*nest/);
    expect(code).toBe(1);
  });

  test("waits until nesting is proven inside the guest, and shows the proof", async () => {
    const { hypervisor } = await declare({ guest: "unknown" });
    setTimeout(() => (hypervisor.guest = "true"), 1_500);
    const { code, out, err } = await vrtg(["up", ...flags("--once")]);
    expect(out.split("\n")[1]?.split(/ {2,}/).slice(2, 8)).toEqual([
      "Running",
      "On",
      "true",
      "true",
      "true",
      "true",
    ]);
    expect(out).toMatch(
      /default\/web: nested virtualization verified: the guest can run hardware-assisted VMs\n/,
    );
    expect(out).toContain("\n  /dev/kvm: character device 10,232");
    expect(err).toMatch(/nested virtualization: .*not verified: no agent answers in the guest/);
    expect(code).toBe(0);
  });

  test("a guest that answers nobody is waited for until the time is over, and is no goal that was missed", async () => {
    await declare({ guest: "unknown" });
    const { code, out } = await vrtg(["up", ...flags("--once", "--timeout", "2s")]);
    expect(out).toMatch(/nested virtualization configured .*not verified: no agent answers/);
    expect(code).toBe(0);
  });

  test("ends with 1 when the guest disproves nesting", async () => {
    await declare({ guest: "false" });
    const { code, out } = await vrtg(["up", ...flags("--once")]);
    expect(out).toMatch(/default\/web is not ready: NestedVirtualizationMissing: .*neither vmx nor svm/);
    expect(code).toBe(1);
  });

  test("ends with 1 when the time is over", async () => {
    await declare({ taskMs: 3_000 });
    const { code, out } = await vrtg(["up", ...flags("--once", "--timeout", "1s")]);
    expect(out).toContain("default/web is not ready: InProgress");
    expect(code).toBe(1);
  });

  test("ends with 2 for a manifest that is wrong, naming file, document and field", async () => {
    await declare({}, { cpu: "eight" });
    const { code, err } = await vrtg(["up", ...flags("--once")]);
    expect(err).toMatch(
      /all\.yaml:\d+:\d+ \(document 2, VMClass default\/small\) spec\.cpu: expected an integer from 1 to 128/,
    );
    expect(code).toBe(2);
  });
});

describe("vrtg up", () => {
  test("keeps going until it is stopped, and keeps a second one off its state folder", async () => {
    await declare();
    const first = vrtg(["up", ...flags()]);
    await sleep(1_500);
    const second = await vrtg(["up", ...flags("--once")]);
    expect(second.err).toContain(`is in use by another vrtg, process ${process.pid}`);
    expect(second.code).toBe(2);
    abort.abort();
    const { code, out } = await first;
    expect(out).toContain("default/web  memory (vsphere, simulated)  Running");
    expect(code).toBe(0);
  });
});

describe("vrtg plan", () => {
  test("shows every knob and makes nothing", async () => {
    const { hypervisor } = await declare();
    const { code, out } = await vrtg(["plan", ...flags()]);
    expect(out.split("\n")[0]).toBe(
      "VirtualMachine default/web on Provider default/memory (vsphere, simulated): would be made",
    );
    expect(out).toMatch(/nested virtualization +applied/);
    expect(hypervisor.inventory.named("web")).toBeUndefined();
    await expect(readFile(join(root, "state"))).rejects.toThrow("ENOENT");
    expect(code).toBe(0);
  });

  test("ends with 1 and the violations when the VM would be refused", async () => {
    await declare({ nesting: "incapable" });
    const { code, out } = await vrtg(["plan", ...flags()]);
    expect(out).toContain("would NOT be made");
    expect(out).toContain("NESTED_UNSUPPORTED");
    expect(code).toBe(1);
  });
});

describe("vrtg plan of an image that has to be prepared", () => {
  const notPrepared = {
    field: "spec.image",
    reason: "IMAGE_NOT_PREPARED",
    description: "image ubuntu is not on the host yet",
  };
  const refusing: MemoryProviderOptions = {
    replace: (honest) => ({
      planVm: async (request, signal) => {
        const plan = await honest.planVm(request, signal);
        const image = {
          feature: Feature.IMAGE,
          outcome: Outcome.REFUSED,
          mechanism: "",
          observedValue: "",
          reason: "",
          subject: "",
        };
        return {
          ...plan,
          violations: [...plan.violations, notPrepared],
          appliedCapabilities: [...plan.appliedCapabilities, image],
        };
      },
    }),
  };

  test("says that this comes first, and refuses nothing for it", async () => {
    await declare(refusing, { source: "http: {url: 'https://images.example/a.qcow2'}" });
    const { code, out } = await vrtg(["plan", ...flags()]);
    expect(out.split("\n").slice(0, 2)).toEqual([
      "VirtualMachine default/web on Provider default/memory (vsphere, simulated): would be made",
      "  first: image ubuntu is prepared; what depends on it is not in this plan",
    ]);
    expect(out).not.toContain("REFUSED");
    expect(code).toBe(0);
  });

  test("refuses where nobody would prepare it", async () => {
    await declare(
      { ...refusing, without: [Feature.IMAGE_PREPARE] },
      { source: "http: {url: 'https://images.example/a.qcow2'}" },
    );
    const { code, out } = await vrtg(["plan", ...flags()]);
    expect(out).toContain("spec.image: IMAGE_NOT_PREPARED: image ubuntu is not on the host yet");
    expect(code).toBe(1);
  });
});

describe("vrtg delete", () => {
  test("deletes what up made and waits, and nothing else", async () => {
    const { hypervisor } = await declare();
    expect(await vrtg(["delete", ...flags()])).toMatchObject({
      code: 0,
      out: "default/web was never made from here",
    });
    await vrtg(["up", ...flags("--once")]);
    expect(hypervisor.inventory.named("web")).toBeDefined();
    expect(await vrtg(["delete", ...flags()])).toMatchObject({ code: 0, out: "default/web deleted" });
    expect(hypervisor.inventory.named("web")).toBeUndefined();
  });

  test("ends with 1 when the provider cannot be asked, and the VM stays", async () => {
    const { hypervisor } = await declare();
    await vrtg(["up", ...flags("--once")]);
    provider?.stop();
    const { code, out } = await vrtg(["delete", ...flags("--timeout", "1s")]);
    expect(out).toMatch(/^default\/web not deleted: /);
    expect(code).toBe(1);
    expect(hypervisor.inventory.named("web")).toBeDefined();
  });
});

describe("command line", () => {
  test.each([
    [["up"], "required option '-f, --file <path...>' not specified"],
    [["up", "-f", "x", "--timeout", "soon"], 'It has to be a duration such as "90s" or "5m".'],
    [["down"], "unknown command 'down'"],
    [["up", "-f", "/nonexistent"], "/nonexistent: cannot be read"],
  ])("%j is refused", async (args, message) => {
    const { code, err } = await vrtg(args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test("--help teaches with examples", async () => {
    const { code, out } = await vrtg(["--help"]);
    expect(out).toContain("vrtg plan -f deploy/samples/nested --simulate");
    expect(code).toBe(0);
  });
});
