/** The prompts of a class (paper 001, section 3.1). */

/** The prompt of a class: 'An image of golden retriever'. @throws when the template has no '{}'. */
export function labelPrompt(template: string, label: string): string {
  if (!template.includes('{}'))
    throw new Error(`Expected a prompt template with '{}' for the class name, got '${template}'.`);
  return template.replace('{}', label);
}
