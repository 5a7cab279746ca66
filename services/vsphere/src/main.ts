import { readFileSync } from "node:fs";
import {
  Counter,
  createLogger,
  readServeConfig,
  readTogether,
  Registry,
  runDaemon,
  serveProvider,
} from "@virtrigaud/kit";
import { VimClient } from "./client/vim-client.ts";
import { readVsphereConfig } from "./config.ts";
import { readCredentials } from "./credentials.ts";
import { routes } from "./provider.ts";
import { Vcenter } from "./vcenter.ts";

/** Composition root: configuration → client → provider → serve. */
await runDaemon(async (signal) => {
  const { serve, vsphere } = readTogether({
    serve: () => readServeConfig(process.env),
    vsphere: () => readVsphereConfig(process.env, (path) => readFileSync(path, "utf8")),
  });
  const registry = new Registry();
  const roundTrips = new Counter({
    name: "virtrigaud_vsphere_round_trips_total",
    help: "HTTP exchanges with vCenter, by SOAP method and HTTP status (none: no answer).",
    labelNames: ["method", "status"],
    registers: [registry],
  });
  const client = new VimClient({
    endpoint: vsphere.url,
    trust: vsphere.trust,
    credentials: () => readCredentials(vsphere.credentialsDirectory),
    // As many calls as the daemon admits at once would wait for each other's round trips on fewer.
    maxConnections: 32,
    onRoundTrip: ({ method, status }) => roundTrips.inc({ method, status: status ?? "none" }),
  });
  const vcenter = new Vcenter(client, vsphere.settings, vsphere.url);
  try {
    const serving = await serveProvider({
      config: serve,
      routes: routes(vcenter),
      log: createLogger(serve.log),
      signal,
      registry,
      probe: (probeSignal) => vcenter.probe({ signal: probeSignal }),
    });
    await serving.closed;
  } finally {
    await client.close();
  }
});
