/** Under a name of its own: loaded by itself, a module in CommonJS would have its exports under `default` in a bundle, and beside it elsewhere. */
export * as x509 from '@peculiar/x509';
