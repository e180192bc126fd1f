/** A fresh, empty store to test, made by each world in its own way. */
export interface StoreFixture<Store> extends AsyncDisposable {
  readonly store: Store;
  /**
   * Opens the store again as after a crash, so that what was not acknowledged may be gone. Called only when no call on the
   * old store is under way; the old store is not used afterwards.
   */
  reopen(): Promise<Store>;
}

export type MakeStore<Store> = () => Promise<StoreFixture<Store>>;

/** Everything that the iterable gives. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
