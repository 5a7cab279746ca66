import { afterEach, expect, test } from "@jest/globals";
import { View, WatchVMsResponse } from "@virtrigaud/proto";
import { startDaemon, stopAll } from "../testing/daemon.ts";

afterEach(stopAll);

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("closing ends calls and streams under way, and refuses new ones", async () => {
  const daemon = await startDaemon({
    getInfo: (_request, { signal }) => untilAborted(signal),
    async *watchVMs(_request, { signal }) {
      yield WatchVMsResponse.create({ resumeToken: "1" });
      await untilAborted(signal);
    },
  });
  const connection = await daemon.connect();
  const request = { resumeToken: "", view: View.BASIC, includeUnowned: false };
  const stream = connection.watchVMs(request)[Symbol.asyncIterator]();
  await stream.next();

  const closed = { codeName: "CANCELLED", reason: "CONNECTION_CLOSED" };
  const ended = [connection.getInfo({}), stream.next()].map((one) =>
    expect(one).rejects.toMatchObject(closed),
  );
  connection.close();
  await Promise.all(ended);
  await expect(connection.getInfo({})).rejects.toMatchObject(closed);
  await expect(connection.health()).rejects.toMatchObject(closed);
  await expect(connection.waitForServing({ timeoutMs: 1_000 })).rejects.toMatchObject(closed);
  await expect(connection.watchVMs(request)[Symbol.asyncIterator]().next()).rejects.toMatchObject(closed);
});
