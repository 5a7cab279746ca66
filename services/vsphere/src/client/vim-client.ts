import type { OperationName, Operations } from "../vim/operations.ts";
import { askedType } from "../vim/property-path.ts";
import type {
  ManagedObjectReference,
  ManagedObjects,
  PropertyFilterSpec,
  ServiceContent,
} from "../vim/types.ts";
import { ContainerViews } from "./container-views.ts";
import { waitFor } from "@virtrigaud/kit";
import { type CallOptions, withDeadline } from "./deadline.ts";
import { VimProtocolError } from "./errors.ts";
import type { ObjectContent } from "./object-content.ts";
import { filterOfObjects, filterOfView, type PathsByType } from "./property-filter.ts";
import type { Credentials } from "./refused-credentials.ts";
import { retrievePages } from "./retrieve-pages.ts";
import { Session } from "./session.ts";
import { SoapPort } from "./soap-port.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export interface VimClientOptions extends TransportOptions {
  /** Asked before every login, so that rotated credentials are found. */
  readonly credentials: () => Promise<Credentials>;
}

/** Type → paths of the properties to read. */
export type PathSets = { readonly [T in keyof ManagedObjects]?: readonly string[] };

export interface Selection<Paths extends PathSets> {
  readonly paths: Paths;
  /** Read these; without them, all objects of the types below `container`. */
  readonly objects?: readonly ManagedObjectReference[];
  /** Default the root folder: the whole inventory, all datacenters. */
  readonly container?: ManagedObjectReference;
}

/** What was found, by the type it was asked as: a distributed port group under Network, unless asked by name. */
export type Retrieved<Paths extends PathSets> = {
  [T in keyof Paths & keyof ManagedObjects]: ObjectContent<T, NonNullable<Paths[T]>[number]>[];
};

/**
 * A vCenter server or ESXi host. Logs in when first used (two round trips), and again when the session has expired;
 * apart from that one method call is one round trip, but for what its own comment says.
 *
 * All methods reject with VimFault (the server refused), VimInvalidLogin, VimUnreachable, VimTlsError,
 * VimProtocolError, or the reason of an aborted signal.
 */
export class VimClient {
  readonly #transport: Transport;
  readonly #port: SoapPort;
  readonly #session: Session;
  readonly #views: ContainerViews;

  /** Does no I/O. Throws VimTlsError or TypeError for options that make no sense. */
  constructor(options: VimClientOptions) {
    this.#transport = new Transport(options);
    this.#port = new SoapPort(this.#transport);
    this.#session = new Session({ port: this.#port, credentials: options.credentials });
    this.#views = new ContainerViews(this.#port);
  }

  /** The server's singletons. No round trip once logged in. */
  serviceContent(options: CallOptions = {}): Promise<ServiceContent> {
    return this.#run("Login", options, async (content) => content);
  }

  /** Calls one operation. */
  call<M extends OperationName>(
    method: M,
    self: Operations[M]["self"],
    args: Operations[M]["args"],
    options: CallOptions = {},
  ): Promise<Operations[M]["returns"]> {
    return this.#run(method, options, (content, signal) =>
      this.#port.invoke(method, self, args, { signal, apiVersion: content.about.apiVersion }),
    );
  }

  /** Reads properties of one object. Rejects with VimFault ManagedObjectNotFound when it is gone. */
  async read<T extends keyof ManagedObjects, const Path extends string>(
    obj: ManagedObjectReference<T>,
    paths: readonly Path[],
    options: CallOptions = {},
  ): Promise<ObjectContent<T, Path>> {
    const spec = filterOfObjects([obj], { [obj.type]: paths });
    const [content] = await this.#retrieve(options, async () => spec);
    if (content === undefined) throw new VimProtocolError(`RetrievePropertiesEx: no answer for ${obj.value}`);
    return content as ObjectContent<T, Path>;
  }

  /**
   * Reads properties of many objects of several types. A type stands for those that extend it too: Network includes
   * distributed port groups. One round trip for every 1,000 objects, one more for the first slice of its kind.
   */
  async retrieve<const Paths extends PathSets>(
    selection: Selection<Paths>,
    options: CallOptions = {},
  ): Promise<Retrieved<Paths>> {
    const paths = selection.paths as PathsByType;
    const contents = await this.#retrieve(options, async (content, signal) => {
      if (selection.objects !== undefined) return filterOfObjects(selection.objects, paths);
      const container = selection.container ?? content.rootFolder;
      const view = this.#views.get(content, container, Object.keys(paths));
      return filterOfView(await waitFor(view, signal), paths);
    });
    return groupByType(contents, Object.keys(paths)) as Retrieved<Paths>;
  }

  /** Logs out and closes the connections; calls under way fail. */
  async close(): Promise<void> {
    await this.#session.close();
    await this.#transport.close();
  }

  #retrieve(
    options: CallOptions,
    filter: (content: ServiceContent, signal: AbortSignal) => Promise<PropertyFilterSpec>,
  ): Promise<ObjectContent[]> {
    return this.#run("RetrievePropertiesEx", options, async (content, signal) =>
      retrievePages(this.#port, content, await filter(content, signal), signal),
    );
  }

  #run<T>(
    method: string,
    options: CallOptions,
    work: (content: ServiceContent, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline(options, method, (signal) =>
      this.#session.run((content) => work(content, signal), signal),
    );
  }
}

function groupByType(contents: ObjectContent[], asked: readonly string[]): Record<string, ObjectContent[]> {
  const groups = Object.fromEntries(asked.map((type): [string, ObjectContent[]] => [type, []]));
  for (const content of contents) groups[askedType(content.obj.type, asked)]?.push(content);
  return groups;
}
