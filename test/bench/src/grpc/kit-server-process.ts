import { createLogger, readServeConfig, serveProvider } from "@virtrigaud/kit";
import { runChild } from "../child-process.ts";
import { reply } from "./exchange.ts";

await runChild(async () => {
  const config = readServeConfig({
    PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0",
    PROVIDER_HEALTH_ADDRESS: "127.0.0.1:0",
    VIRTRIGAUD_PROVIDER_INSECURE: "true",
  });
  const stopping = new AbortController();
  const { address, closed } = await serveProvider({
    config,
    routes: { createVm: async () => reply },
    log: createLogger(config.log),
    signal: stopping.signal,
    probe: async () => undefined,
  });
  return { address, stop: () => (stopping.abort(), closed) };
});
