import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type DownloadOptions, withDownload } from "./download.ts";
import { type Answer, type FileServer, sha256, startFileServer } from "../testing/file-server.ts";

const file = Buffer.from(Array.from({ length: 300_001 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const etag = '"v1"';

/** The file, broken off after `at` bytes of what is asked for, the first `times` times. */
function brokenOff(at: number, headers: Record<string, string>, times = 1, rest?: Answer): Answer {
  let left = times;
  return async (request, response) => {
    const [, from = "0"] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const bytes = file.subarray(Number(from));
    if (Number(from) > 0 && rest !== undefined) return rest(request, response);
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      ...headers,
      "content-length": bytes.length,
      "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
    });
    if (left-- <= 0) return void response.end(bytes);
    response.write(bytes.subarray(0, at));
    await sleep(20);
    response.destroy();
  };
}

const redirect =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end("elsewhere");
const answer =
  (code: number, headers = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end("words");

let server: FileServer;
beforeEach(async () => {
  server = await startFileServer({
    "/file": (_, response) => void response.writeHead(200, { "content-length": file.length }).end(file),
    "/chunked": (_, response) => {
      response.write(file.subarray(0, 1000));
      response.end(file.subarray(1000));
    },
    "/login": (request, response) =>
      void response.writeHead(request.headers.authorization === "Basic dTpw" ? 200 : 401).end(file),
    "/login-moved": redirect("/login"),
    "/login-elsewhere": (request, response) =>
      redirect(`http://localhost:${request.socket.localPort}/login`)(request, response),
    "/moved": redirect("/file?again"),
    "/to-itself": redirect("/to-itself"),
    "/to-metadata": redirect("http://169.254.169.254/latest?token=hunter2"),
    "/to-mapped": redirect("http://[::ffff:169.254.169.254]/"),
    "/to-decimal": redirect("http://2130706434/"),
    "/to-file": redirect("file:///etc/passwd"),
    "/forbidden": answer(403),
    "/busy": answer(503),
    "/zipped": answer(200, { "content-encoding": "gzip" }),
    "/nothing-said": (_, response) => {
      response.writeHead(200, { "content-length": file.length }).write(file.subarray(0, 5000));
    },
    "/broken": brokenOff(100_000, {}),
    "/resumed": brokenOff(100_000, { etag }, 2),
    "/resumed-by-date": brokenOff(100_000, { "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" }),
    "/weak": brokenOff(100_000, { etag: `W/${etag}` }),
    "/no-ranges": brokenOff(100_000, { etag, "accept-ranges": "none" }),
    "/changed": brokenOff(100_000, { etag }, 1, answer(200)),
    "/wrong-place": brokenOff(100_000, { etag }, 1, (_, response) => {
      response.writeHead(206, { "content-range": `bytes 0-200000/${file.length}` });
      response.end(file.subarray(0, 200_001));
    }),
    "/slices": brokenOff(100_000, { etag }, 1, ({ headers }, response) => {
      const from = Number(headers.range?.slice("bytes=".length, -1));
      const to = Math.min(from + 100_000, file.length);
      response.writeHead(206, { "content-range": `bytes ${from}-${to - 1}/${file.length}` });
      response.end(file.subarray(from, to));
    }),
    "/busy-later": brokenOff(100_000, { etag }, 1, answer(503)),
    "/ever-broken": brokenOff(10, { etag }, 100),
    "/broken-chunked": async (_, response) => {
      response.write(file.subarray(0, 1000));
      await sleep(20);
      response.destroy();
    },
  });
});
afterEach(() => server.stop());

const fetchFile = (path: string, options: Partial<DownloadOptions> = {}) =>
  withDownload(
    {
      url: path.startsWith("http") ? path : `${server.origin}${path}`,
      allowedHosts: ["127.0.0.1"],
      signal: AbortSignal.timeout(20_000),
      ...options,
    },
    async ({ lengthBytes, bytes, sha256: digest }) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(piece);
      return { lengthBytes, content: sha256(Buffer.concat(pieces)), digest: digest() };
    },
  );

const content = sha256(file);
const whole = (lengthBytes: number | undefined) => ({ lengthBytes, content, digest: content });

describe("a file arrives", () => {
  test.each([
    ["with its length", "/file", file.length],
    ["without length", "/chunked", undefined],
    ["after a redirect", "/moved", file.length],
    ["although the connection broke twice", "/resumed", file.length],
    ["although the server sends the rest in slices", "/slices", file.length],
    ["although the connection broke, told the same by its date", "/resumed-by-date", file.length],
  ])("%s", async (_, path, length) => {
    expect(await fetchFile(path)).toEqual(whole(length));
  });

  test("and the rest is asked for by its position and the file's tag", async () => {
    await fetchFile("/resumed");
    const asked = server.requests.map(({ headers }) => [headers.range, headers["if-range"]]);
    expect(asked).toEqual([
      [undefined, undefined],
      ["bytes=100000-", etag],
      ["bytes=200000-", etag],
    ]);
  });

  test.each(["sha256", "sha512", "sha1", "md5"] as const)("that is what %s says", async (algorithm) => {
    const hex = createHash(algorithm).update(file).digest("hex");
    expect(await fetchFile("/file", { checksum: { algorithm, hex } })).toEqual(whole(file.length));
  });

  test("with the URL's login, which goes to no other server", async () => {
    const url = server.origin.replace("//", "//u:p@");
    const allowedHosts = ["127.0.0.1", "localhost"];
    expect(await fetchFile(`${url}/login`)).toMatchObject({ content });
    expect(await fetchFile(`${url}/login-moved`)).toMatchObject({ content });
    await expect(fetchFile(`${url}/login-elsewhere`, { allowedHosts })).rejects.toThrow("answered 401");
  });

  test("by a name that is allowed", async () => {
    const url = `${server.origin.replace("127.0.0.1", "localhost")}/file`;
    expect(await fetchFile(url, { allowedHosts: ["LOCALHOST"] })).toEqual(whole(file.length));
  });
});

const precondition = status.FAILED_PRECONDITION;
const retryable = { code: status.UNAVAILABLE, retryAfterMs: 5_000 };

describe("a file is refused", () => {
  test.each([
    ["a loopback name", "http://localhost/x", "localhost is "],
    ["a loopback address", "http://127.0.0.2/x", "127.0.0.2 is a loopback"],
    ["an address in disguise", "http://0x7f.2/x", "127.0.0.2 is a loopback"],
    ["IPv6 loopback", "http://[::1]/x", "::1 is a loopback"],
    ["this machine by the unspecified address", "http://0.0.0.0/x", "0.0.0.0 is a loopback"],
    ["link-local", "http://[fe80::1]/x", "fe80::1 is a loopback"],
    ["Amazon's metadata by IPv6", "http://[fd00:ec2::254]/x", "is a loopback"],
    ["metadata by NAT64", "http://[64:ff9b::a9fe:a9fe]/x", "is a loopback"],
    ["multicast", "http://224.0.0.1/x", "is a loopback"],
    [
      "a redirect to metadata",
      "/to-metadata",
      "downloading http://169.254.169.254/latest: 169.254.169.254 is",
    ],
    ["a redirect to metadata as IPv6", "/to-mapped", "::ffff:a9fe:a9fe is"],
    ["a redirect to loopback as a number", "/to-decimal", "127.0.0.2 is"],
    ["a redirect to a file", "/to-file", "redirected to what is no http or https URL"],
    ["a redirect in circles", "/to-itself", "more than 5 times"],
    ["a compressed answer", "/zipped", "content-encoding gzip"],
  ])("%s", async (_, path, words) => {
    const failure = await fetchFile(path).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: precondition, reason: "IMAGE_REFUSED" });
    expect((failure as Error).message).toContain(words);
    expect((failure as Error).message).not.toContain("hunter2");
  });

  test.each([
    ["sha256", sha256(Buffer.from("other"))],
    ["md5", "0".repeat(32)],
  ] as const)("another content by %s", async (algorithm, hex) => {
    const found = createHash(algorithm).update(file).digest("hex");
    await expect(fetchFile("/file?token=hunter2", { checksum: { algorithm, hex } })).rejects.toMatchObject({
      code: precondition,
      reason: "IMAGE_CHECKSUM_MISMATCH",
      message: `downloading ${server.origin}/file: expected ${algorithm}:${hex}, found ${algorithm}:${found}; correct the image's checksum, or its URL if the file changed`,
      metadata: { expected: `${algorithm}:${hex}`, found: `${algorithm}:${found}` },
    });
  });

  test.each([
    ["announced", "/file", "it has 300001 bytes, pool p has 300000 free"],
    ["found on the way", "/chunked", "it has more than 300000 bytes, pool p has 300000 free"],
  ])("a larger file than there is room for, %s", async (_, path, words) => {
    const room = { bytes: file.length - 1, where: "pool p" };
    const failure = await fetchFile(path, { room }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: "STORAGE_FULL" });
    expect((failure as Error).message).toContain(words);
  });

  test("but not one that just fits", async () => {
    const room = { bytes: file.length, where: "pool p" };
    expect(await fetchFile("/file", { room })).toEqual(whole(file.length));
  });
});

describe("a server fails", () => {
  test.each([
    ["has no such file", "/nowhere", { code: precondition, reason: "IMAGE_UNREACHABLE" }],
    ["does not let us", "/forbidden", { code: precondition, reason: "IMAGE_UNREACHABLE" }],
    ["is busy", "/busy", { ...retryable, reason: "IMAGE_UNREACHABLE" }],
    ["is not there", "http://127.0.0.1:1/x", { ...retryable, reason: "IMAGE_UNREACHABLE" }],
    ["has no name", "http://nowhere.invalid/x", { reason: "IMAGE_UNREACHABLE" }],
    ["breaks off and cannot resume", "/broken", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["breaks off an unknown length", "/broken-chunked", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["cannot tell that the file is the same", "/weak", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["has no ranges", "/no-ranges", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["has another file by now", "/changed", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["goes on elsewhere", "/wrong-place", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["is busy by now", "/busy-later", { ...retryable, reason: "IMAGE_TRUNCATED" }],
    ["breaks off again and again", "/ever-broken", { ...retryable, reason: "IMAGE_TRUNCATED" }],
  ])("it %s", async (_, path, expected) => {
    await expect(fetchFile(path)).rejects.toMatchObject(expected);
  });

  test("it falls silent", async () => {
    const error = await fetchFile("/nothing-said", { idleMs: 300 }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      ...retryable,
      reason: "IMAGE_TRUNCATED",
      message: `downloading ${server.origin}/nothing-said: it ended after 5000 of 300001 bytes; repeat the call`,
    });
  });
});

test("no credential of a URL is in an error", async () => {
  const url = `${server.origin.replace("//", "//user:hunter2@")}/nowhere?signature=hunter2#hunter2`;
  const failure = (await fetchFile(url).catch((error: Error) => error)) as Error;
  expect(failure.message).toBe(
    `downloading ${server.origin}/nowhere: the server answered 404; correct the URL`,
  );
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain("hunter2");
});

test.each(["/nothing-said", "/ever-broken"])("aborting ends %s with the signal's reason", async (path) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 100);
  await expect(fetchFile(path, { signal: controller.signal })).rejects.toBe(reason);
});

test("a reader that takes its time holds the server up, and is not cut off", async () => {
  let sent = 0;
  const size = 64 * 2 ** 20;
  const endless = await startFileServer({
    "/": async (_, response) => {
      response.writeHead(200, { "content-length": size });
      const piece = Buffer.alloc(2 ** 16);
      for (; sent < size; sent += piece.length)
        if (!response.write(piece)) await new Promise((drained) => response.once("drain", drained));
      response.end();
    },
  });
  let received = 0;
  await withDownload(
    {
      url: endless.origin,
      allowedHosts: ["127.0.0.1"],
      idleMs: 300,
      signal: AbortSignal.timeout(20_000),
    },
    async ({ bytes }) => {
      for await (const piece of bytes) {
        if (received === 0) {
          await sleep(1000);
          expect(sent).toBeLessThan(size / 2);
        }
        received += piece.length;
      }
    },
  );
  expect(received).toBe(size);
  await endless.stop();
});
