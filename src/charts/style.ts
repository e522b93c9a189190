import { escapeHtml } from './escape';

/**
 * The style of HTML outputs. Every shade is mixed from the text colour of the surrounding page, so that an output suits
 * light and dark pages (JupyterLab, VS Code, GitHub, our shared page) without knowing which it is on.
 */
export const OUTPUT_STYLE = `
.sh-out{--quiet:color-mix(in srgb,currentColor 66%,transparent);--line:color-mix(in srgb,currentColor 20%,transparent);--tint:color-mix(in srgb,currentColor 6%,transparent);--accent:#2b7bba;
font:14px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);overflow-x:auto;margin:.25em 0}
.sh-out table{border-collapse:collapse;border:0;margin:0;font-size:13px;font-variant-numeric:tabular-nums;color:inherit}
.sh-out .sh-title{font-size:14px;padding:0 0 .4em}
.sh-out .sh-title b{font-weight:600}
.sh-out th,.sh-out td{padding:.34em .8em;border:0;border-bottom:1px solid var(--line);white-space:nowrap;background:none;text-align:right;vertical-align:baseline}
.sh-out tbody tr,.sh-out tbody tr:nth-child(odd){background:none}
.sh-out tbody tr:hover{background:var(--tint)}
.sh-out thead th{font-weight:600;color:var(--quiet);vertical-align:bottom}
.sh-out thead tr:last-child th,.sh-out thead th[rowspan]{border-bottom:1.5px solid var(--quiet)}
.sh-out sup{line-height:0}
.sh-out tbody th{font-weight:500;text-align:left!important}
.sh-out .sh-sd,.sh-out .sh-quiet{color:var(--quiet);font-size:.92em}
.sh-out .sh-pub{color:var(--quiet);background:var(--tint);font-style:italic}
.sh-out .sh-pub .sh-sd,.sh-out thead .sh-quiet{color:inherit}
.sh-out .sh-best{font-weight:700}
.sh-out .sh-wrap{white-space:normal;min-width:12em;max-width:36em}
.sh-out .sh-foot{color:var(--quiet);font-size:12px;margin:.5em 0 0;max-width:60em}
.sh-out .sh-foot ol{margin:.2em 0 0;padding-left:1.6em}
.sh-out progress{appearance:none;border:0;border-radius:.3em;overflow:hidden;background:var(--line);width:100%;height:.5em}
.sh-out progress::-webkit-progress-bar{background:var(--line)}
.sh-out progress::-webkit-progress-value{background:var(--accent)}
.sh-out progress::-moz-progress-bar{background:var(--accent)}
.sh-out .sh-bars{display:grid;grid-template-columns:minmax(0,max-content) minmax(4em,12em) minmax(0,1fr);gap:.1em .8em;align-items:center;font-variant-numeric:tabular-nums}
.sh-out .sh-progress{display:contents}
.sh-out .sh-progress .sh-deep{padding-left:1.2em}
@media(max-width:40rem){.sh-out .sh-bars{grid-template-columns:minmax(0,1fr) 6em}.sh-out .sh-progress .sh-quiet{grid-column:1/-1;margin-bottom:.4em}}
.sh-out .sh-error{border-left:3px solid #c4432b;padding:.3em .9em;background:var(--tint)}
.sh-out pre{margin:.4em 0 0;font-size:12px;white-space:pre-wrap;color:inherit;background:none}
`.trim();

/** Left alignment, twice: JupyterLab drops attributes in untrusted notebooks, GitHub drops styles. */
export const LEFT = 'align="left" style="text-align:left"';

/** A heading above an output, bold even without styles. */
export function titleHtml(title: string | undefined): string {
  return title === undefined ? '' : `<div class="sh-title"><b>${escapeHtml(title)}</b></div>`;
}

/** Wraps the HTML of an output with its style, so that each output is complete in any page. */
export function styledHtml(content: string): string {
  return `<div class="sh-out"><style>${OUTPUT_STYLE}</style>${content}</div>`;
}
