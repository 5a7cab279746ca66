import type { ManagedObjectReference, PropertyFilterSpec, PropertySpec } from "../vim/types.ts";

/** Type → paths of the properties to report. */
export type PathsByType = Readonly<Record<string, readonly string[]>>;

/** Reports properties of the objects named. */
export function filterOfObjects(
  objects: readonly ManagedObjectReference[],
  paths: PathsByType,
): PropertyFilterSpec {
  return { propSet: propSet(paths), objectSet: objects.map((obj) => ({ obj })) };
}

/** Reports properties of every object in a view. */
export function filterOfView(
  view: ManagedObjectReference<"ContainerView">,
  paths: PathsByType,
): PropertyFilterSpec {
  const intoView = { $type: "TraversalSpec", type: "ContainerView", path: "view", skip: false } as const;
  return { propSet: propSet(paths), objectSet: [{ obj: view, skip: true, selectSet: [intoView] }] };
}

function propSet(paths: PathsByType): PropertySpec[] {
  return Object.entries(paths).map(([type, pathSet]) => ({ type, pathSet: [...pathSet] }));
}
