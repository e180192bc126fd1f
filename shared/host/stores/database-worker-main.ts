/** What the database thread runs where there is no bundle: in tests and under `npm run start`. */
import { runDatabaseWorker } from './database-worker.ts';

runDatabaseWorker();
