/** Module names in the syntax of other kernels. */

/** Deno's `npm:moment@2.29.4/min` becomes `moment/min`, in whichever version is installed. */
export function packageName(specifier: string): string {
  const [, name, path = ''] = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/.exec(specifier) ?? [];
  return name === undefined ? specifier : name + path;
}
