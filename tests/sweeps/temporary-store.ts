import { Store } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

/** An empty store in a folder that goes away. */
export const temporaryStore = (): Store => new Store(temporaryFolder());
