import type { Resource } from "../api/kinds.ts";
import type { Provider } from "../api/provider.ts";
import { ChildError } from "../children/child.ts";
import { findCommand } from "../children/find-command.ts";
import { LIBVIRTD_COMMAND, startPrivateLibvirtd } from "../children/private-libvirtd.ts";
import { PVE_COMMAND, startPveSimulator } from "../children/pve-simulator.ts";
import { SIMULATOR_COMMAND, startSimulator } from "../children/simulator.ts";
import { refOf } from "../store/store.ts";
import type { Credentials } from "./credentials.ts";
import { installedCommand } from "./daemon-command.ts";
import { emulatedProvider } from "./emulation.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { pveStock, simulatedPve } from "./pve-simulation.ts";
import type { ProviderServices } from "./services.ts";
import { simulatedProvider, simulatorStock } from "./simulation.ts";
import type { StandIn } from "./stand-in.ts";
import { UnavailableError } from "./unavailable.ts";

/** What starting one needs. */
interface Opening {
  readonly provider: Provider;
  readonly resources: readonly Resource[];
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

type Opened = Pick<Hypervisor, "provider" | "credentials" | "close"> & { readonly standIn: StandIn };

interface Kind {
  readonly command: string;
  /** How a clone of the project gets the command. */
  readonly remedy: string;
  readonly open: (command: string, opening: Opening) => Promise<Opened>;
}

const SIMULATED: StandIn = { simulated: true, label: "simulated", images: undefined };

const kinds: { readonly [K in Provider["spec"]["type"]]?: Kind } = {
  vsphere: {
    command: SIMULATOR_COMMAND,
    remedy: '"npm start" in a clone of VirtRigaud builds it (needs Go)',
    open: openVcenter,
  },
  libvirt: {
    command: LIBVIRTD_COMMAND,
    remedy: '"npm start" in a clone of VirtRigaud installs it (needs Debian and root once)',
    open: openLibvirtd,
  },
  proxmox: {
    command: PVE_COMMAND,
    remedy: "it is part of a clone of VirtRigaud",
    open: openPve,
  },
};

/**
 * Starts what stands in for a Provider's hypervisor.
 * @throws UnavailableError when there is none for its type, when it or the provider's daemon is not installed, or with its own words
 */
export async function openStandIn(
  provider: Provider,
  resources: readonly Resource[],
  { env, onLine }: ProviderServices,
  signal: AbortSignal,
): Promise<Hypervisor> {
  const { type } = provider.spec;
  const kind = kinds[type];
  if (kind === undefined) {
    throw new UnavailableError(
      "NoSimulator",
      `there is no simulator for type ${type}: leave --simulate out to use a real ${type}`,
      true,
    );
  }
  const command = await findCommand(kind.command, env.PATH);
  if (command === undefined) {
    throw new UnavailableError("NotInstalled", `${kind.command} is not on PATH: ${kind.remedy}`, true);
  }
  // Without the daemon nobody would talk to it.
  await installedCommand(type, env);
  const tell = (line: string) => onLine(refOf(provider), line);
  const opened = await kind.open(command, { provider, resources, env, onLine: tell, signal });
  return { ...opened, isCurrent: () => Promise.resolve(true) };
}

async function openVcenter(command: string, opening: Opening): Promise<Opened> {
  const { provider, resources, onLine, signal } = opening;
  const simulator = await startSimulator(command, simulatorStock(resources), onLine, signal);
  return {
    provider: simulatedProvider(provider, simulator.url),
    credentials: texts({
      username: simulator.username,
      password: simulator.password,
      "ca.crt": simulator.certificate,
    }),
    standIn: SIMULATED,
    close: simulator.stop,
  };
}

async function openLibvirtd(command: string, opening: Opening): Promise<Opened> {
  const { provider, resources, env, onLine, signal } = opening;
  try {
    const { uri, images, stop } = await startPrivateLibvirtd(command, env, onLine, signal);
    return {
      provider: emulatedProvider(provider, uri, resources),
      credentials: new Map(),
      standIn: { simulated: false, label: "private libvirtd, emulated", images },
      close: stop,
    };
  } catch (error) {
    // It ended by itself and said what this machine lacks.
    if (error instanceof ChildError && error.exitCode !== undefined)
      throw new UnavailableError("StandInMissing", error.message, true);
    throw error;
  }
}

async function openPve(command: string, opening: Opening): Promise<Opened> {
  const { provider, resources, env, onLine, signal } = opening;
  const simulator = await startPveSimulator(command, pveStock(resources), env, onLine, signal);
  return {
    provider: simulatedPve(provider, simulator.url, resources),
    credentials: texts({
      token_id: simulator.tokenId,
      token_secret: simulator.tokenSecret,
      "ca.crt": simulator.certificate,
    }),
    standIn: SIMULATED,
    close: simulator.stop,
  };
}

function texts(entries: Record<string, string>): Credentials {
  return new Map(Object.entries(entries).map(([name, value]) => [name, Buffer.from(value, "utf8")]));
}
