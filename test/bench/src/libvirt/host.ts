import { connectLibvirt, type Libvirt } from "@virtrigaud/provider-libvirt/client";
import {
  type DaemonOptions,
  type PrivateLibvirtd,
  type ProviderDaemon,
  startLibvirtProvider,
  startPrivateLibvirtd,
} from "@virtrigaud/test-tools";
import type { CounterOf } from "../metrics.ts";
import type { Scope } from "../scope.ts";
import { storageClass } from "../vm.ts";

/** Starts a libvirtd with nothing but an empty pool `default`. @throws MissingHere */
export function startLibvirtd(scope: Scope): Promise<PrivateLibvirtd> {
  return scope.own(
    () => startPrivateLibvirtd(),
    (one) => one.stop(),
  );
}

/** Connects the client that the provider has, too. */
export function connectTo(scope: Scope, { uri }: Pick<PrivateLibvirtd, "uri">): Promise<Libvirt> {
  return scope.own(
    () => connectLibvirt({ uri }),
    (one) => one.close(),
  );
}

/** Starts a provider before a libvirtd. Guests are emulated, so that machines compare. */
export function startProvider(
  scope: Scope,
  { uri }: Pick<PrivateLibvirtd, "uri">,
  options: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const settings = { accel: "tcg", storageClasses: { [storageClass]: { pool: "default" } } };
  return scope.own(
    () => startLibvirtProvider(uri, { settings, ...options }),
    (one) => one.stop(),
  );
}

/** What a provider counts of its calls to libvirtd. */
export const callsOf = ({ healthAddress: address }: Pick<ProviderDaemon, "healthAddress">): CounterOf => ({
  address,
  name: "virtrigaud_libvirt_calls_total",
  label: "procedure",
});
