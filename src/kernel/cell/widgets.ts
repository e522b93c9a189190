/**
 * The kernel's side of Jupyter widgets. A front-end's widget manager (JupyterLab with ipywidgets, VS Code) opens a comm
 * on 'jupyter.widget.control' and asks for the open widgets; each widget is a comm to 'jupyter.widget' whose data is its
 * state. Without a manager no widget is opened, so headless runs leave no dead ones in the notebook.
 */
import type { Json } from '../protocol/message';
import { type Comm, onComm, openComm } from './comms';
import { currentRun, rejoin } from './runs';

/** Version of the widgets' messages, major version 2. */
const VERSION = { version: '2.1.0' };

const states = new Map<string, Json>();
let announced = false;

/** Answers widget managers. */
export function installWidgets(): void {
  onComm('jupyter.widget.control', (line) => {
    announced = true;
    line.onMessage = ({ data }) => {
      if ((data as { method?: string }).method !== 'request_states') return;
      const alive = [...states].map(([id, state]) => [id, { ...modelOf(state), state }]);
      line.send({ method: 'update_states', states: Object.fromEntries(alive), buffer_paths: [] });
    };
  });
}

/** Events of a widget, for the code that made it. */
export interface WidgetEvents {
  /** The widget in the front-end has sent something. */
  onMessage?(content: unknown): void;
  /** The cell that made it has failed or was interrupted. */
  onAbandoned?(): void;
}

/** A widget that a cell's code updates. */
export interface Widget {
  readonly id: string;
  /** Changes a part of the state. */
  update(state: Json): void;
  close(): void;
}

/**
 * Opens a widget. @param state its model and view by name, and their fields
 * @returns undefined if no front-end has asked for widgets.
 */
export function openWidget(state: Json, { onMessage, onAbandoned }: WidgetEvents = {}): Widget | undefined {
  if (!announced) return undefined;
  const line: Comm = openComm('jupyter.widget', { state, buffer_paths: [] }, [], VERSION);
  states.set(line.id, { ...state });
  const run = currentRun();
  line.onMessage = ({ data }) => {
    const { method, content } = data as { method?: string; content?: unknown };
    // Output of the handler belongs to the cell that made the widget.
    if (method === 'custom') rejoin(run, () => onMessage?.(content));
  };
  line.onClose = () => void states.delete(line.id);
  const abandoned = run?.abandoned;
  if (onAbandoned) abandoned?.add(onAbandoned);
  return {
    id: line.id,
    update: (change) => {
      const known = states.get(line.id);
      if (!known) return;
      Object.assign(known, change);
      line.send({ method: 'update', state: change, buffer_paths: [] });
    },
    close: () => {
      if (onAbandoned) abandoned?.delete(onAbandoned);
      states.delete(line.id);
      line.close();
    },
  };
}

function modelOf({ _model_name, _model_module, _model_module_version }: Json): Json {
  return { model_name: _model_name, model_module: _model_module, model_module_version: _model_module_version };
}
