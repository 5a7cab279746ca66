import { type ChildProcess, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { buildVcsim, startVcsim, type Vcsim, whyUnavailable } from "../index.ts";
import { RawSoap } from "../raw-soap.ts";

const reason = await whyUnavailable(buildVcsim(console.info));
const suite = reason === undefined ? describe : describe.skip;

suite(`process of the simulated vCenter ${reason ?? ""}`, () => {
  let vcsim: Vcsim;
  beforeAll(async () => {
    vcsim = await startVcsim();
  });
  afterAll(() => vcsim.stop());

  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test.each([
    ["its own", (v: Vcsim) => [v.username, v.password] as const, 200],
    ["a wrong password", (v: Vcsim) => [v.username, `${v.password}x`] as const, 500],
    ["a wrong user", (v: Vcsim) => ["root", v.password] as const, 500],
    ["govmomi's default", () => ["user", "pass"] as const, 500],
  ])("answers a login with %s credentials", async (_, credentials, status) => {
    const answer = await new RawSoap(vcsim.url, vcsim.certificatePem).login(...credentials(vcsim));
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(status === 200 ? "<LoginResponse" : "InvalidLoginFault");
  });

  test("its certificate is for loopback, and is the one of the thumbprint and key", () => {
    const certificate = new X509Certificate(vcsim.certificatePem);
    expect(certificate.subjectAltName).toBe(
      "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(certificate.fingerprint256).toBe(vcsim.thumbprintSha256);
    expect(createHash("sha256").update(certificate.raw).digest("hex").toUpperCase()).toBe(
      vcsim.thumbprintSha256.replaceAll(":", ""),
    );
    expect(vcsim.privateKeyPem).toContain("BEGIN PRIVATE KEY");
  });

  test.each(["stop", "kill"] as const)("%s ends it and leaves no files", async (end) => {
    const other = await startVcsim();
    const environment = await readFile(`/proc/${other.pid}/environ`, "utf8");
    const home = /TMPDIR=([^\0]+)/.exec(environment)?.[1] ?? "";
    expect(await readdir(home)).not.toEqual([]);
    await other[end]();
    expect(alive(other.pid)).toBe(false);
    await expect(readdir(home)).rejects.toThrow("ENOENT");
  });

  test.each<[string, (child: ChildProcess) => void]>([
    ["standard input ends", (child) => child.stdin?.end()],
    ["SIGTERM", (child) => child.kill("SIGTERM")],
    ["SIGINT", (child) => child.kill("SIGINT")],
  ])("ends well on %s", async (_, end) => {
    const child = spawn(await buildVcsim(() => {}), [], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const names = ["certificatePem", "govmomi", "keyFile", "thumbprintSha256", "url", "username"];
      expect(Object.keys(JSON.parse(line.toString("utf8")) as object).sort()).toEqual(names);
      const exit = once(child, "exit", { signal: AbortSignal.timeout(3000) });
      end(child);
      expect(await exit).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("says every flag that is wrong when it cannot start", async () => {
    await expect(startVcsim({ hosts: 0, vms: -1, listen: "nowhere" })).rejects.toThrow(
      'vcsim ended (1) before it was ready: vcsim: -vms is -1, must be at least 0; -hosts is 0, must be at least 1; -listen is "nowhere", must be host:port',
    );
  });
});
