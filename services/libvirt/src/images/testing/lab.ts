import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { Image, type Operation, type UrlImage } from "@virtrigaud/proto";
import type { PrivateLibvirtd } from "@virtrigaud/test-tools";
import { connectLibvirt, type Libvirt } from "../../client/index.ts";
import type { ImageHost } from "../image-host.ts";
import { hash, type ImageFiles, makeImages, rawBytes } from "./image-files.ts";
import { serve, startWebServer, type WebServer } from "./web-server.ts";

/** A libvirtd with its pool, a web server with images, and two daemons' connections. */
export class Lab {
  readonly files: ImageFiles;
  readonly libvirt: Libvirt;
  /** Of another daemon. */
  readonly other: Libvirt;
  readonly #daemon: PrivateLibvirtd;
  web!: WebServer;

  private constructor(daemon: PrivateLibvirtd, files: ImageFiles, libvirt: Libvirt, other: Libvirt) {
    this.#daemon = daemon;
    this.files = files;
    this.libvirt = libvirt;
    this.other = other;
  }

  static async open(daemon: PrivateLibvirtd): Promise<Lab> {
    const connect = () => connectLibvirt({ uri: daemon.uri });
    return new Lab(daemon, await makeImages(), await connect(), await connect());
  }

  close(): void {
    this.libvirt.close();
    this.other.close();
  }

  /** Before a test: "/image" is a good qcow2 image. */
  async begin(): Promise<void> {
    this.web = await startWebServer();
    this.web.pages.set("/image", serve(this.files.qcow2));
  }

  /** After a test: the pool is empty again. */
  async end(): Promise<void> {
    await this.web.stop();
    for (const name of await readdir(this.#daemon.pool)) await rm(this.path(name));
    await this.refresh();
  }

  connect(options: Partial<Parameters<typeof connectLibvirt>[0]> = {}): Promise<Libvirt> {
    return connectLibvirt({ uri: this.#daemon.uri, ...options });
  }

  path(name: string): string {
    return join(this.#daemon.pool, name);
  }

  urlImage(path: string, more: Partial<UrlImage> = {}): Image {
    return Image.fromPartial({ name: "i", url: { url: `${this.web.origin}${path}`, ...more } });
  }

  /** The good image with its checksum. */
  goodImage(): Image {
    return this.urlImage("/image", { checksum: hash("sha256", this.files.qcow2) });
  }

  async refresh(): Promise<void> {
    const { pool } = await this.libvirt.call("storagePoolLookupByName", { name: "default" });
    await this.libvirt.call("storagePoolRefresh", { pool });
  }

  /** Names of the volumes, which are the same in libvirtd's list and in the directory. */
  async volumes(): Promise<string[]> {
    const { pool } = await this.libvirt.call("storagePoolLookupByName", { name: "default" });
    const { vols } = await this.libvirt.call("storagePoolListAllVolumes", { pool });
    const names = vols.map(({ name }) => name).sort();
    expect((await readdir(this.#daemon.pool)).sort()).toEqual(names);
    return names;
  }

  /** What PrepareImage answers for an image of these bytes. */
  prepared(bytes: Buffer, sizeBytes = rawBytes) {
    const sha256 = hash("sha256", bytes);
    const path = this.path(linkName("sha256", sha256));
    return { id: path, location: `pool default, ${path}`, digest: `sha256:${sha256}`, sizeBytes };
  }
}

export const linkName = (algorithm: string, hex: string): string => `vrtg-image-${algorithm}-${hex}.qcow2`;
export const anyData = expect.stringMatching(/^vrtg-image-[0-9a-f]{16}\.data$/) as unknown as string;

/** Until an import has come that far. */
export async function untilPercent(
  { jobs }: ImageHost,
  operation: Operation | undefined,
  percent: number,
): Promise<void> {
  while ((jobs.get(operation?.name ?? "").progressPercent ?? 0) < percent) await sleep(5);
}
