import { type StreamHandler, watchOperation as watch } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { lookAt } from "./get-operation.ts";

export const watchOperation =
  (host: Host): StreamHandler<"watchOperation"> =>
  ({ name }, context) =>
    watch((operation, { signal }) => lookAt(host, operation, { signal }), name, context);
