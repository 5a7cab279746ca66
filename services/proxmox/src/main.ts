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
import { Pve } from "./client/index.ts";
import { Cluster } from "./cluster.ts";
import { readProxmoxConfig } from "./config.ts";
import { accountOf, readCredentials } from "./credentials.ts";
import { routes } from "./provider.ts";

/** Composition root: configuration → client → provider → serve. */
await runDaemon(async (signal) => {
  const { serve, proxmox } = readTogether({
    serve: () => readServeConfig(process.env),
    proxmox: () => readProxmoxConfig(process.env, (path) => readFileSync(path, "utf8")),
  });
  const registry = new Registry();
  const requests = new Counter({
    name: "virtrigaud_proxmox_requests_total",
    help: "HTTP requests to Proxmox VE, by method, path and status (none: no answer).",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const log = createLogger(serve.log);
  const { endpoint, trust, settings, credentialsDirectory } = proxmox;
  const credentials = () => readCredentials(credentialsDirectory);
  const pve = new Pve({
    endpoint,
    trust,
    credentials,
    onRequest: ({ method, route, status }) => requests.inc({ method, route, status: status ?? "none" }),
  });
  const cluster = new Cluster(pve, {
    settings,
    endpoint,
    user: async () => accountOf(await credentials()),
    onDefect: (error) =>
      log.error({ err: error.cause, reference: error.metadata.reference }, "defect in daemon-lived work"),
  });
  try {
    const serving = await serveProvider({
      config: serve,
      routes: routes(cluster),
      log,
      signal,
      registry,
      probe: (probing) => cluster.probe({ signal: probing }),
    });
    await serving.closed;
  } finally {
    await cluster.close();
  }
});
