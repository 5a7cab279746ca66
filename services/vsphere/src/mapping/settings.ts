/** The operator's part of the configuration that decides where VMs go; see Provider.spec. */
export interface Settings {
  defaults: {
    datacenter?: string;
    datastore?: string;
    cluster?: string;
    folder?: string;
    resourcePool?: string;
    network?: string;
  };
  /** Storage class → datastore by name, storage policy by its profile id, or a policy on that datastore. */
  storageClasses: Readonly<Record<string, StorageClass>>;
}

/** At least one of the two is set. */
export interface StorageClass {
  datastore?: string;
  policy?: string;
}
