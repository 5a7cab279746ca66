import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ErrorCode } from "../protocol/constants.ts";
import type { ProcedureName } from "../protocol/procedures.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { nothing, type SampleThings, sampleArguments } from "../testing/sample-arguments.ts";
import { LibvirtError } from "./errors.ts";
import { connectLibvirt, type Libvirt } from "./libvirt.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(
  `a real libvirtd understands all calls ${reason ?? ""}`,
  () => {
    let libvirt: Libvirt;
    beforeAll(async () => {
      libvirt = await connectLibvirt({ uri: daemon().uri });
    });
    afterAll(() => libvirt.close());
    const names = Object.keys(sampleArguments(nothing)) as ProcedureName[];
    /** Arguments of another shape than libvirtd expects end in an RPC error, answers in LibvirtProtocolError. */
    async function expectUnderstood(of: Libvirt, name: ProcedureName, things: SampleThings): Promise<void> {
      const failure = await of.call(name, sampleArguments(things)[name]).then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure === undefined) return;
      expect(failure).toBeInstanceOf(LibvirtError);
      expect(failure).not.toMatchObject({ code: ErrorCode.RPC });
    }

    test.each(names)("of nothing: %s", (name) => expectUnderstood(libvirt, name, nothing));

    describe("of the test driver's things", () => {
      let of: Libvirt;
      let things: SampleThings;
      beforeAll(async () => {
        of = await connectLibvirt({ uri: `test+unix:///default?socket=${daemon().socket}` });
        const { domain } = await of.call("domainLookupByName", { name: "test" });
        const { pool } = await of.call("storagePoolLookupByName", { name: "default-pool" });
        const { network } = await of.call("networkLookupByName", { name: "default" });
        const volume = "<volume><name>v</name><capacity>1024</capacity></volume>";
        const { vol } = await of.call("storageVolCreateXml", { pool, xml: volume });
        const xml = "<domainsnapshot><name>s</name></domainsnapshot>";
        await of.call("domainSnapshotCreateXml", { domain, xml });
        const { snapshot } = await of.call("domainSnapshotLookupByName", { domain, name: "s" });
        things = { domain, network, pool, vol, snapshot };
      });
      afterAll(() => of.close());
      test.each(names)("%s", (name) => expectUnderstood(of, name, things));
    });
  },
);
