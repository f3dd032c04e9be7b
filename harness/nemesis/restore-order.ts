// What is restored before what, since each relies on those before it: a node that is started has to reach the others,
// and to write; clocks are read back through programs that run.

export const restoreOrder = { net: 0, paused: 1, machine: 2, dead: 3, clocks: 4 } as const;
