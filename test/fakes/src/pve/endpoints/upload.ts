import { createHash } from "node:crypto";
import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail, refuse } from "../api/error.ts";
import { on } from "../api/permission.ts";
import { storageOn } from "../actions/drive.ts";
import type { Storage } from "../model/storage.ts";
import type { Worker } from "../model/tasks.ts";
import { type ByMajor, byMajor } from "../schema/by-major.ts";
import { node, storage } from "../schema/parameters.ts";
import { choice, formatted, matching, required, type Schema, text } from "../schema/schema.ts";

type Content = "iso" | "vztmpl" | "import";

/** Which names a content type takes, and what PVE says of others; 6 has words of its own. */
const names: Readonly<Record<Content, { readonly pattern: RegExp; readonly refusals: ByMajor<string> }>> = {
  iso: {
    pattern: /[^/]+\.(iso|img)$/i,
    refusals: byMajor({ 6: "missing '.iso' or '.img' extension", 7: "wrong file extension" }),
  },
  vztmpl: {
    pattern: /[^/]+\.tar(\.(gz|xz|zst|bz2))?$/i,
    refusals: byMajor({ 6: "missing '.tar.gz' or '.tar.xz' extension", 7: "wrong file extension" }),
  },
  import: {
    pattern: /^[a-zA-Z0-9\-.+=_]+\.(ova|qcow2|raw|vmdk)$/,
    refusals: byMajor({ 8: "invalid filename or wrong extension" }),
  },
};

/** Stores a file that came with the request; one of the same name is overwritten. */
function upload(call: Call): string {
  const { cluster } = call;
  const target = storageOn(cluster, call.text("storage"), call.text("node"));
  if (!target.type.files) fail(`can't upload to storage type '${target.typeName}'`);
  const tmpfilename = call.text("tmpfilename");
  const bytes = cluster.uploads.get(tmpfilename) ?? fail("missing temporary file name");
  cluster.uploads.delete(tmpfilename);
  const content = call.text("content") as Content;
  const filename = call
    .text("filename")
    .replace(/^.*[/\\]/, "")
    .replace(/[^a-zA-Z0-9_.-]/g, "_");
  const { pattern, refusals } =
    names[content] ?? refuse({ content: `upload content type '${content}' not allowed` });
  if (!pattern.test(filename)) refuse({ filename: refusals.at(cluster.release.major) ?? "" });
  if (!target.content.includes(content)) fail(`storage '${target.id}' does not support '${content}' content`);
  const node = reachable(call, target);
  return call.fork("imgcopy", "", async (worker) => {
    worker.print(`starting file import from: ${tmpfilename}`);
    verify(call, bytes, worker);
    const name = `${content}/${filename}`;
    for (const line of [
      `target node: ${node}`,
      `target file: ${target.path(name)}`,
      `file size is: ${bytes.length}`,
    ])
      worker.print(line);
    await worker.step();
    target.addFile(node, content, name, formatOf(content, filename), bytes.length);
    cluster.uploads.set(`${target.id}:${name}`, bytes);
    worker.print("finished file import successfully");
  });
}

/** As the storage's content lists it. */
function formatOf(content: Content, filename: string): string {
  const extension = /[^.]+$/.exec(filename)?.[0] ?? "";
  return { iso: "iso", vztmpl: `t${extension}`, import: extension }[content];
}

/** The node that the file is for. Whoever took the request copies it there by ssh. */
function reachable({ cluster, values: { node = "" } }: Call, { id }: Storage): string {
  const name = node === "localhost" ? cluster.local.name : node;
  if (cluster.nodes.get(name)?.online) return name;
  return fail(
    `can't activate storage '${id}' on node '${name}': command '/usr/bin/ssh' failed: exit code 255`,
  );
}

function verify({ values }: Call, bytes: Buffer, worker: Worker): void {
  const { checksum: expected, "checksum-algorithm": algorithm } = values;
  if (expected === undefined || algorithm === undefined) return;
  const got = createHash(algorithm).update(bytes).digest("hex");
  if (got !== expected.toLowerCase()) fail(`checksum mismatch: got '${got}' != expect '${expected}'`);
  worker.print("calculating checksum...OK, checksum verified");
}

const checksum = text({ requires: "checksum-algorithm" });
const checksumAlgorithm: Schema = {
  ...choice("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
  requires: "checksum",
};
const contents = (...types: string[]): Schema => ({
  ...choice(...types),
  required: true,
  format: "pve-storage-content",
});

export const uploadEndpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: "/nodes/{node}/storage/{storage}/upload",
    local: true,
    permission: on("/storage/{storage}", "Datastore.AllocateTemplate"),
    parameters: {
      ...node,
      ...storage,
      checksum: byMajor({ 7: checksum }),
      "checksum-algorithm": byMajor({ 7: checksumAlgorithm }),
      content: byMajor({
        6: required(formatted("pve-storage-content")),
        7: contents("iso", "vztmpl"),
        8: contents("iso", "vztmpl", "import"),
      }),
      filename: byMajor({ 6: required(text()), 7: required(text({ maxLength: 255 })) }),
      tmpfilename: byMajor({ 6: text(), 8: matching("/var/tmp/pveupload-[0-9a-f]+") }),
    },
    run: upload,
  },
];
