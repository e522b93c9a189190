/** `import * as tslab from 'tslab'`: its display functions show through this kernel. */
import type { MimeBundle } from './bundle';
import type { DisplayOptions } from './display';

interface TslabDisplay {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** Sends what tslab displays to the cells' display channel. */
export function routeTslab(require: NodeJS.Require): void {
  let jupyter: { lastWriteDisplayData?: unknown };
  try {
    jupyter = require('tslab/dist/jupyter') as typeof jupyter;
  } catch {
    return; // Not installed: the cell's own import says so.
  }
  jupyter.lastWriteDisplayData = ({ data, metadata, transient }: TslabDisplay, update?: boolean): void => {
    const channel = (globalThis as Record<symbol, unknown>)[Symbol.for('stillhouse.display')] as {
      display(bundle: MimeBundle, options: DisplayOptions): void;
    };
    const { display_id: displayId } = transient;
    const { 'text/javascript': script, ...rest } = data;
    const bundle = script === undefined ? rest : { ...rest, 'application/javascript': script };
    channel.display(bundle, { metadata, update: update === true, ...(displayId ? { displayId } : {}) });
  };
}
