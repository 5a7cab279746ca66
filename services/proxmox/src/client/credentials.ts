/** An API token, or a user's password: who we are to PVE. */
export type Credentials =
  | {
      readonly kind: "token";
      /** "user@realm!name" */
      readonly id: string;
      readonly secret: string;
    }
  | {
      readonly kind: "password";
      /** "user@realm" */
      readonly username: string;
      readonly password: string;
    };
