import type { Disk, Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";
import { memberPaths, validateName, validateUnique } from "./names.ts";
import { validateMebibytes, validateRange } from "./numbers.ts";

const MOST = 21;

/**
 * The disks of a spec.
 * @param rootFromImage whether the first disk may leave its size to the image.
 */
export function validateDisks(disks: readonly Disk[], rootFromImage: boolean, field: string): Violation[] {
  const paths = memberPaths(disks, field);
  const tooMany =
    disks.length > MOST
      ? [violation(field, "OUT_OF_RANGE", `must be at most ${MOST} disks, not ${disks.length}`)]
      : [];
  return [
    ...tooMany,
    ...validateUnique(disks, field),
    ...disks.flatMap((disk, index) =>
      validateDisk(disk, index === 0 && rootFromImage, paths[index] ?? field),
    ),
  ];
}

function validateDisk(disk: Disk, sizeFromImage: boolean, path: string): Violation[] {
  const sizeField = `${path}.size_bytes`;
  const missing =
    disk.sizeBytes === undefined && !sizeFromImage
      ? [
          violation(
            sizeField,
            "REQUIRED",
            "is required: only a root disk made from an image may leave it out",
          ),
        ]
      : [];
  return [
    ...validateName(disk.name, `${path}.name`),
    ...missing,
    ...validateMebibytes(disk.sizeBytes, sizeField),
    ...validateRange(disk.iopsLimit, 1, 0xffff_ffff, `${path}.iops_limit`),
  ];
}
