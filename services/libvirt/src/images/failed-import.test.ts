import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@virtrigaud/kit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { OperationState, type UrlImage } from "@virtrigaud/proto";
import { PrivilegeMissing, whyMissing } from "@virtrigaud/test-tools";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { hash, run } from "./testing/image-files.ts";
import { Lab, untilPercent } from "./testing/lab.ts";
import { ended, once, prepare, testHost } from "./testing/test-host.ts";
import { serve, serveHalf } from "./testing/web-server.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

const precondition = status.FAILED_PRECONDITION;
const refused = (words: string) => ({
  code: precondition,
  reason: "IMAGE_REFUSED",
  message: expect.stringContaining(words),
});

interface Failure {
  readonly what: string;
  /** Makes "/image" what it is. */
  readonly arrange?: (lab: Lab) => void;
  readonly image?: (lab: Lab) => Partial<UrlImage>;
  readonly error: object;
}

const checked = ({ files }: Lab) => ({ checksum: hash("sha256", files.qcow2) });

const failures: readonly Failure[] = [
  {
    what: "another checksum",
    image: () => ({ checksum: "0".repeat(64) }),
    error: { code: precondition, reason: "IMAGE_CHECKSUM_MISMATCH" },
  },
  {
    what: "a truncated file",
    arrange: ({ web, files: { qcow2 } }) =>
      web.pages.set("/image", (_, response) => {
        response.writeHead(200, { "content-length": qcow2.length });
        response.write(qcow2.subarray(0, 500_000), () => setTimeout(() => response.destroy(), 50));
      }),
    image: checked,
    error: { code: status.UNAVAILABLE, reason: "IMAGE_TRUNCATED" },
  },
  {
    what: "a truncated file of no announced length",
    arrange: ({ web, files: { qcow2 } }) =>
      web.pages.set("/image", (_, response) => void response.end(qcow2.subarray(0, 500_000))),
    image: checked,
    error: { code: precondition, reason: "IMAGE_CHECKSUM_MISMATCH" },
  },
  {
    what: "a backing file",
    arrange: ({ web, files }) => web.pages.set("/image", serve(files.onBacking)),
    error: refused("backing file"),
  },
  {
    what: "an external data file",
    arrange: ({ web, files }) => web.pages.set("/image", serve(files.onDataFile)),
    error: refused("data file"),
  },
  { what: "qcow2 in a raw disguise", image: () => ({ format: "raw" }), error: refused("is qcow2") },
  {
    what: "no server",
    image: () => ({ url: "http://127.0.0.1:1/image" }),
    error: { code: status.UNAVAILABLE, reason: "IMAGE_UNREACHABLE" },
  },
  {
    what: "no such page",
    arrange: ({ web }) => web.pages.clear(),
    error: { code: precondition, reason: "IMAGE_UNREACHABLE" },
  },
  {
    what: "a redirect to the cloud's metadata",
    arrange: ({ web }) =>
      web.pages.set(
        "/image",
        (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      ),
    error: refused("169.254.169.254"),
  },
  {
    what: "more than the pool has free",
    arrange: ({ web, files }) =>
      web.pages.set("/image", (_, response) => {
        response.writeHead(200, { "content-length": 2 ** 50 }).write(files.qcow2);
      }),
    error: { code: status.RESOURCE_EXHAUSTED, reason: "STORAGE_FULL" },
  },
];

(reason === undefined ? describe : describe.skip)(
  `failed imports into a real libvirtd ${reason ?? ""}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.open(daemon());
    });
    afterAll(() => lab.close());
    beforeEach(() => lab.begin());
    afterEach(() => lab.end());

    test.each(failures)(
      "$what: nothing is left, and nothing else touched",
      async ({ arrange, image, error }) => {
        await writeFile(lab.path("somebodys.qcow2"), lab.files.qcow2);
        await lab.refresh();
        arrange?.(lab);
        expect(await prepare(testHost(lab.libvirt), lab.urlImage("/image", image?.(lab)))).toMatchObject({
          state: OperationState.FAILED,
          error,
        });
        expect(await lab.volumes()).toEqual(["somebodys.qcow2"]);
      },
    );

    test("libvirtd killed midway: the import fails, and is repeated when it runs again", async () => {
      const host = testHost(lab.libvirt);
      const { page, goOn } = serveHalf(lab.files.qcow2);
      lab.web.pages.set("/image", page);
      const { operation } = await once(host, lab.goodImage());
      await untilPercent(host, operation, 40);
      await daemon().kill();
      goOn();
      expect(await ended(host, operation)).toMatchObject({ error: { code: status.UNAVAILABLE } });
      await daemon().restart();
      lab.web.pages.set("/image", serve(lab.files.qcow2));
      expect(await prepare(host, lab.goodImage())).toMatchObject({ image: lab.prepared(lab.files.qcow2) });
    });

    test("the disk fills up on the way: STORAGE_FULL, and nothing is left", async () => {
      const small = await mountSmall();
      if (small === undefined) return;
      try {
        const xml = `<pool type="dir"><name>small</name><target><path>${small}</path></target></pool>`;
        const { pool } = await lab.libvirt.call("storagePoolCreateXml", { xml });
        const host = testHost(lab.libvirt);
        const { page, goOn } = serveHalf(lab.files.qcow2);
        lab.web.pages.set("/image", page);
        const { operation } = await once(host, lab.goodImage(), "small");
        await untilPercent(host, operation, 40);
        await writeFile(join(small, "filler"), Buffer.alloc(8 * 2 ** 20)).catch(() => {});
        goOn();
        expect(await ended(host, operation)).toMatchObject({
          state: OperationState.FAILED,
          error: { code: status.RESOURCE_EXHAUSTED, reason: "STORAGE_FULL" },
        });
        const { vols } = await lab.libvirt.call("storagePoolListAllVolumes", { pool });
        expect(vols.filter(({ name }) => name !== "filler")).toEqual([]);
        await lab.libvirt.call("storagePoolDestroy", { pool });
      } finally {
        await run("umount", [small]);
        await rm(small, { recursive: true });
      }
    });

    /** A disk of 12 MiB; undefined where this process may not mount one. */
    async function mountSmall(): Promise<string | undefined> {
      const folder = await mkdtemp("/tmp/small-");
      const mounted = run("mount", ["-t", "tmpfs", "-o", "size=12m", "none", folder]);
      const missing = await whyMissing(
        mounted.catch((cause) => {
          throw new PrivilegeMissing("mounting needs CAP_SYS_ADMIN", { cause });
        }),
      );
      if (missing === undefined) {
        const { stdout } = await run("id", ["-u", daemon().user]);
        await chown(folder, Number(stdout), -1);
        return folder;
      }
      console.warn(`not tested: ${missing}`);
      await rm(folder, { recursive: true });
      return undefined;
    }
  },
);
