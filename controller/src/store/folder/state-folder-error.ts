/** A state folder cannot be used; the message says what to do. */
export class StateFolderError extends Error {
  override readonly name: string = "StateFolderError";
}
