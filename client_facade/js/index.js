/** The façade of a room's machine; index.d.ts is its contract. */
export * from './src/public.js'
