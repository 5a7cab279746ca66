import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { type MemoryProvider, startMemoryProvider } from "@virtrigaud/memory-provider";
import { runCommand } from "./command.ts";

const fixture = fileURLToPath(new URL("../fixtures/memory.yaml", import.meta.url));
let provider: MemoryProvider | undefined;
afterEach(() => provider?.stop());

class Text extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk.toString();
    done();
  }
}

async function command(...args: string[]) {
  const [out, err] = [new Text(), new Text()];
  const code = await runCommand(["node", "virtrigaud-conformance", ...args], out, err);
  return { code, out: out.text, err: err.text };
}

test("runs the named cases and the last one, and exits 0", async () => {
  provider = await startMemoryProvider();
  const args = ["--endpoint", provider.address, "--fixture", fixture, "--plaintext", "--only", "info"];
  const { code, out, err } = await command(...args);
  expect({ code, err }).toEqual({ code: 0, err: "PASS info\nPASS left-behind\n" });
  expect(out).toMatch(/^PASS  info .*\nPASS  left-behind .*\n\nmemory .*: 2 passed, 0 failed, 0 skipped\n$/);
});

test("exits 1 when a case fails", async () => {
  provider = await startMemoryProvider({ nesting: "incapable" });
  const args = ["--endpoint", provider.address, "--fixture", fixture, "--plaintext", "--output", "junit"];
  const { code, out } = await command(...args, "--only", "capabilities");
  expect({ code, failures: /failures="(\d+)"/.exec(out)?.[1] }).toEqual({ code: 1, failures: "1" });
});

const endpoint = ["--endpoint", "127.0.0.1:1"];
test.each<[string[], RegExp]>([
  [[], /--endpoint HOST:PORT is needed/],
  [endpoint, /--fixture FILE\.yaml is needed/],
  [[...endpoint, "--fixture", fixture], /either --plaintext, or all of --tls-ca/],
  [[...endpoint, "--fixture", fixture, "--plaintext", "--parallel", "0"], /--parallel must be 1 or more/],
  [[...endpoint, "--fixture", fixture, "--plaintext", "--only", "nothing"], /unknown cases: nothing; --list/],
  [[...endpoint, "--fixture", fixture, "--plaintext"], /virtrigaud-conformance: .*(connect|ECONNREFUSED)/],
  [["--output", "pdf"], /Allowed choices are table, junit/],
])("exits 2 and says what to correct: %j", async (args, message) => {
  const { code, out, err } = await command(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(message);
});

test("lists the cases", async () => {
  const { code, out } = await command("--list");
  expect(code).toBe(0);
  expect(out).toMatch(/^info +GetInfo says/m);
});
