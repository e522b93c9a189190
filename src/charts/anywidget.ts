/** The state of a Jupyter widget whose front-end code travels with it (anywidget.dev). */

const VERSION = '~0.11.0';

/**
 * @param id Identifies the kind of widget.
 * @param code The widget's front-end code: an ES module with `initialize` and `render`.
 */
export function anywidgetState(id: string, code: string): Record<string, unknown> {
  return {
    _model_module: 'anywidget',
    _model_module_version: VERSION,
    _model_name: 'AnyModel',
    _view_module: 'anywidget',
    _view_module_version: VERSION,
    _view_name: 'AnyView',
    _view_count: null,
    _dom_classes: [],
    _anywidget_id: `stillhouse.${id}`,
    _esm: code,
    _css: '',
  };
}
