import { type StreamHandler, watchOperation as watch } from "@virtrigaud/kit";
import type { Vcenter } from "../vcenter.ts";
import { lookAt } from "./get-operation.ts";

export const watchOperation =
  (vcenter: Vcenter): StreamHandler<"watchOperation"> =>
  ({ name }, context) =>
    watch((operation, { signal }) => lookAt(vcenter, operation, { signal }), name, context);
