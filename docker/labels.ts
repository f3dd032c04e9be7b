// Everything that a run makes on an engine carries these labels, by which it is found again and removed.

/** The value is the run's mark. */
export const runLabel = 'faultline.run';
/** `node`, `helper`, `network` or `data`. */
export const roleLabel = 'faultline.role';
/** The node's name. */
export const nodeLabel = 'faultline.node';
/** The controller that made it: JSON, see leftovers.ts. */
export const ownerLabel = 'faultline.owner';
/** It is to outlive its run. */
export const keepLabel = 'faultline.keep';
/** On images: a digest of everything they were built from. */
export const inputsLabel = 'faultline.inputs';
