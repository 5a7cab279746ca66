import { type StreamHandler, watchOperation as watch } from "@virtrigaud/kit";
import type { Cluster } from "../cluster.ts";
import { lookAt } from "./get-operation.ts";

export const watchOperation =
  (cluster: Cluster): StreamHandler<"watchOperation"> =>
  ({ name }, context) =>
    watch((operation, { signal }) => lookAt(cluster, operation, { signal }), name, context);
