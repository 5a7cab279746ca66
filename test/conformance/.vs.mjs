import { startVcsim } from "../tools/dist/index.js";
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { connectProvider } from "@virtrigaud/kit/client";
import { readFixture, runConformance, table } from "./dist/index.js";
const vcsim = await startVcsim({ templates: ["ubuntu-22.04"], datastores: ["fast-ssd"], vms: 1 });
const dir = mkdtempSync("/tmp/conf-vs-");
const f = (n, c) => { writeFileSync(`${dir}/${n}`, c); return `${dir}/${n}`; };
f("username", vcsim.username); f("password", vcsim.password);
const cfg = f("config.json", JSON.stringify({ caFile: f("ca.crt", vcsim.certificatePem) }));
const child = spawn(process.execPath, ["../../services/vsphere/bin/virtrigaud-provider-vsphere.js"], { stdio: ["ignore","pipe","pipe"], env: { PATH: process.env.PATH, PROVIDER_ENDPOINT: vcsim.url, PROVIDER_CONFIG_FILE: cfg, VIRTRIGAUD_CREDENTIALS_DIR: dir, PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0", PROVIDER_HEALTH_ADDRESS: "127.0.0.1:0", VIRTRIGAUD_PROVIDER_INSECURE: "true", LOG_LEVEL: "info" } });
let err = ""; child.stderr.on("data", d => err += d);
let address;
for await (const line of createInterface({ input: child.stdout })) { err += line + "\n"; try { const m = JSON.parse(line); if (m.msg === "serving") { address = m.address; break; } } catch {} }
try {
  if (!address) throw new Error(err);
  const connection = await connectProvider({ address, tls: "insecure", retries: 0, breaker: false });
  const fixture = { ...readFixture("fixtures/vsphere.yaml"), foreignVm: "DC0_C0_RP0_VM0" };
  const report = await runConformance({ connection, fixture, ...(process.argv[2] ? {only: process.argv.slice(2)} : {}) });
  console.log(table(report));
  connection.close();
} finally { child.kill("SIGTERM"); await vcsim.stop(); writeFileSync("/tmp/vs.log", err); }
