import { existsSync, readFileSync } from "node:fs";
import {
  Counter,
  createLogger,
  readServeConfig,
  readTogether,
  Registry,
  runDaemon,
  serveProvider,
} from "@virtrigaud/kit";
import { Libvirt, LibvirtError } from "./client/index.ts";
import { readLibvirtConfig } from "./config.ts";
import { Host } from "./host.ts";
import { routes } from "./provider.ts";

const outcomeOf = (error: unknown): string =>
  error === undefined ? "ok" : error instanceof LibvirtError ? `error ${error.code}` : "no answer";

/** Composition root: configuration → client → provider → serve. */
await runDaemon(async (signal) => {
  const files = { read: (path: string) => readFileSync(path, "utf8"), exists: existsSync };
  const { serve, libvirt: config } = readTogether({
    serve: () => readServeConfig(process.env),
    libvirt: () => readLibvirtConfig(process.env, files),
  });
  const registry = new Registry();
  const roundTrips = new Counter({
    name: "virtrigaud_libvirt_calls_total",
    help: "Calls to libvirtd, by procedure and outcome.",
    labelNames: ["procedure", "outcome"],
    registers: [registry],
  });
  const log = createLogger(serve.log);
  const { uri, ssh, tls, settings, accel, allowedImageHosts } = config;
  const client = new Libvirt({
    uri,
    ssh,
    tls,
    onRoundTrip: ({ procedure, error }) => roundTrips.inc({ procedure, outcome: outcomeOf(error) }),
  });
  const host = new Host(client, {
    settings,
    accel,
    endpoint: uri,
    ssh,
    allowedImageHosts,
    onDefect: (error) =>
      log.error({ err: error.cause, reference: error.metadata.reference }, "defect in daemon-lived work"),
  });
  try {
    const serving = await serveProvider({
      config: serve,
      routes: routes(host),
      log,
      signal,
      registry,
      probe: (probing) => host.probe({ signal: probing }),
    });
    await serving.closed;
  } finally {
    await host.close();
  }
});
