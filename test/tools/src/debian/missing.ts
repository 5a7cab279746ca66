/** This machine lacks something, and this process cannot get it; the message says what to do. Tests skip with it. */
export class MissingHere extends Error {
  override readonly name: string = "MissingHere";
}

/** Debian packages are missing; the message says which to install. */
export class DebianPackagesMissing extends MissingHere {
  override readonly name = "DebianPackagesMissing";
}

/** A privilege is missing; the message says which. */
export class PrivilegeMissing extends MissingHere {
  override readonly name = "PrivilegeMissing";
}

/** What is missing for this work, for tests to skip with; undefined when nothing is. Other errors pass through. */
export async function whyMissing(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof MissingHere) return error.message;
    throw error;
  }
}
