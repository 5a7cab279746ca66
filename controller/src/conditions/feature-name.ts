/** A feature as people read it: FEATURE_SECURE_BOOT → "secure boot". */
export function featureName(feature: string): string {
  return feature
    .replace(/^FEATURE_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
}
