import type { ManagedObjectReference, ServiceContent } from "../vim/types.ts";
import type { SoapPort } from "./soap-port.ts";

type ViewReference = ManagedObjectReference<"ContainerView">;

const CREATE_DEADLINE_MS = 30_000;

/**
 * The container views in use: one for each set of types below a container, made when first asked for. They live in
 * a login, so they are kept by the ServiceContent of it, of which every login has its own.
 */
export class ContainerViews {
  readonly #port: SoapPort;
  readonly #byLogin = new WeakMap<ServiceContent, Map<string, Promise<ViewReference>>>();

  constructor(port: SoapPort) {
    this.#port = port;
  }

  /** The view of all objects of `types` (and of types that extend them) below `container`. */
  get(
    content: ServiceContent,
    container: ManagedObjectReference,
    types: readonly string[],
  ): Promise<ViewReference> {
    const views = this.#byLogin.get(content) ?? new Map<string, Promise<ViewReference>>();
    this.#byLogin.set(content, views);
    const key = [container.value, ...types.toSorted()].join(" ");
    const view = views.get(key) ?? this.#create(content, container, types);
    views.set(key, view);
    view.catch(() => views.delete(key));
    return view;
  }

  #create(content: ServiceContent, container: ManagedObjectReference, types: readonly string[]) {
    return this.#port.invoke(
      "CreateContainerView",
      content.viewManager,
      { container, type: [...types], recursive: true },
      { signal: AbortSignal.timeout(CREATE_DEADLINE_MS), apiVersion: content.about.apiVersion },
    );
  }
}
