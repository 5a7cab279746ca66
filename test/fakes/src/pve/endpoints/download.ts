import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail, refuse } from "../api/error.ts";
import { both, either, on, type Permission } from "../api/permission.ts";
import { storageOn } from "../actions/drive.ts";
import type { Worker } from "../model/tasks.ts";
import type { RemoteFile } from "../model/web.ts";
import { byMajor } from "../schema/by-major.ts";
import { node, storage } from "../schema/parameters.ts";
import { choice, flag, matching, required, type Schema, text } from "../schema/schema.ts";

type Content = "iso" | "vztmpl" | "import";

/** Which names a content type takes, and what PVE says of others. */
const names: Readonly<Record<Content, { readonly pattern: RegExp; readonly refusal: string }>> = {
  iso: { pattern: /[^/]+\.(iso|img)$/i, refusal: "wrong file extension" },
  vztmpl: { pattern: /[^/]+\.tar(\.(gz|xz|zst|bz2))?$/i, refusal: "wrong file extension" },
  import: {
    pattern: /^[a-zA-Z0-9\-.+=_]+\.(ova|qcow2|raw|vmdk)$/,
    refusal: "invalid filename or wrong extension",
  },
};

function download(call: Call): string {
  const { cluster, node: handling, values } = call;
  const target = storageOn(cluster, call.text("storage"), handling.name);
  if (!target.type.files)
    fail(`can't upload to storage type '${target.typeName}', not a file based storage!`);
  const content = call.text("content") as Content;
  if (!target.content.includes(content))
    fail(`storage '${target.id}' is not configured for content-type '${content}'`);
  const filename = call
    .text("filename")
    .replace(/^.*[/\\]/, "")
    .replace(/[^a-zA-Z0-9_.-]/g, "_");
  const { pattern, refusal } = names[content];
  if (!pattern.test(filename)) refuse({ filename: refusal });
  const name = `${content}/${filename}`;
  const url = call.text("url");
  return call.fork("download", filename, async (worker) => {
    if (values["compression"] !== undefined && content !== "iso")
      fail(`decompression not supported for ${content}`);
    const path = target.path(name);
    worker.print(`downloading ${url} to ${path}`);
    if (target.volumes(handling.name).has(name)) return existing(call, path, worker);
    const file = cluster.web(url);
    await worker.step();
    if (typeof file === "string") return fail("download failed: exit code 8");
    verify(call, file, worker);
    const format = content === "import" ? (/\.([^.]+)$/.exec(filename)?.[1] ?? "raw") : "raw";
    const added = target.addFile(handling.name, content, name, format, file.sizeBytes);
    added.sizeBytes = file.virtualBytes ?? file.sizeBytes;
    worker.print(`download of '${url}' to '${path}' finished`);
  });
}

/** PVE cannot hash what is only simulated: a file that is there with a checksum asked for is taken as right. */
function existing(call: Call, path: string, worker: Worker): void {
  if (call.values["checksum"] === undefined) fail(`refusing to override existing file '${path}'`);
  worker.print("calculating checksum of existing file...OK, got correct file already, no need to download");
}

function verify(call: Call, file: RemoteFile, worker: Worker): void {
  const expected = call.values["checksum"];
  if (expected === undefined) return;
  const actual = file.checksums?.[call.text("checksum-algorithm")] ?? expected;
  if (actual.toLowerCase() !== expected.toLowerCase()) {
    worker.print("calculating checksum...");
    fail(`checksum mismatch: got '${actual}' != expect '${expected}'`);
  }
  worker.print("calculating checksum...OK, checksum verified");
}

function queryMetadata(call: Call) {
  const url = call.text("url");
  const file = call.cluster.web(url);
  if (typeof file === "string") return fail(`invalid server response: '${file}'`);
  const filename = /^[^?]+\/([^?/]*)(?:\?.*)?$/.exec(url)?.[1];
  return {
    size: file.sizeBytes,
    ...(file.mimetype === undefined ? {} : { mimetype: file.mimetype }),
    ...(filename === undefined || filename === "" ? {} : { filename }),
  };
}

const mayReachOut = on("/", "Sys.Audit", "Sys.Modify");
const orNetwork = either(mayReachOut, on("/nodes/{node}", "Sys.AccessNetwork"));
const mayStore = on("/storage/{storage}", "Datastore.AllocateTemplate");
const url = required(matching("https?://.*"));
const contents = (...types: string[]): Schema => ({
  ...choice(...types),
  required: true,
  format: "pve-storage-content",
});

export const downloadEndpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: "/nodes/{node}/storage/{storage}/download-url",
    since: 7,
    permission: byMajor<Permission>({ 7: both(mayStore, mayReachOut), 8: both(mayStore, orNetwork) }),
    parameters: {
      ...node,
      ...storage,
      url,
      checksum: text({ requires: "checksum-algorithm" }),
      "checksum-algorithm": {
        ...choice("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
        requires: "checksum",
      },
      compression: byMajor({ 8: text() }),
      content: byMajor({ 7: contents("iso", "vztmpl"), 8: contents("iso", "vztmpl", "import") }),
      filename: required(text({ maxLength: 255 })),
      "verify-certificates": flag(),
    },
    run: download,
  },
  {
    method: "GET",
    path: "/nodes/{node}/query-url-metadata",
    since: 7,
    permission: byMajor<Permission>({ 7: mayReachOut, 8: orNetwork }),
    parameters: { ...node, url, "verify-certificates": flag() },
    run: queryMetadata,
  },
];
