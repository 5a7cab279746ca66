import { createCipheriv, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { PowerAction } from "@virtrigaud/proto";
import { create, describeOnLibvirt, power, remove, smallSpec } from "../testing/lab.ts";

/** What a VNC server says to a password: RFC 6143, 7.2.2. */
async function logIn(port: number, password: string): Promise<"welcome" | "refused"> {
  const socket = connect({ host: "127.0.0.1", port });
  const next = async () => ((await once(socket, "data")) as [Buffer])[0];
  try {
    await next();
    socket.write("RFB 003.008\n");
    expect([...(await next())]).toEqual([1, 2]);
    socket.write(Buffer.of(2));
    const challenge = await next();
    socket.write(desOf(password, challenge));
    return (await next()).readUInt32BE(0) === 0 ? "welcome" : "refused";
  } finally {
    socket.destroy();
  }
}

/** DES with each byte's bits reversed, as VNC has it; three times the same key is single DES. */
function desOf(password: string, challenge: Buffer): Buffer {
  const key = Buffer.alloc(8);
  key.write(password, "latin1");
  const reversed = key.map((byte) =>
    Number.parseInt(byte.toString(2).padStart(8, "0").split("").reverse().join(""), 2),
  );
  const cipher = createCipheriv(
    "des-ede3-ecb",
    Buffer.concat([reversed, reversed, reversed]),
    null,
  ).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

await describeOnLibvirt("GetConsole", (lab) => {
  test("lets in whoever holds the last ticket, and nobody else", async () => {
    const { connection, virsh } = lab();
    const uid = randomUUID();
    const { name } = await create(connection, smallSpec(), uid);
    const off = { code: status.FAILED_PRECONDITION, reason: "VM_NOT_RUNNING" };
    await expect(connection.getConsole({ uid })).rejects.toMatchObject(off);
    await power(connection, uid, PowerAction.ON);
    const port = 5900 + Number((await virsh("vncdisplay", name)).split(":").at(-1));
    expect(await logIn(port, "locked")).toBe("refused");
    expect(await logIn(port, "")).toBe("refused");

    const before = Date.now();
    const first = await connection.getConsole({ uid });
    expect(first).toEqual({
      url: `vnc://127.0.0.1:${port}`,
      ticket: expect.stringMatching(/^[\w-]{8}$/),
      protocol: "vnc",
      expireTime: expect.any(Date),
    });
    expect(Number(first.expireTime) - before).toBeGreaterThan(115_000);
    expect(Number(first.expireTime) - before).toBeLessThanOrEqual(121_000);
    expect(await logIn(port, first.ticket)).toBe("welcome");
    const second = await connection.getConsole({ uid });
    expect(await logIn(port, second.ticket)).toBe("welcome");
    expect(await logIn(port, first.ticket)).toBe("refused");

    expect(await virsh("dumpxml", name)).not.toContain(second.ticket);
    expect(await virsh("dumpxml", name, "--inactive", "--security-info")).not.toContain(second.ticket);
    await remove(connection, uid);
    await expect(connection.getConsole({ uid })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});
