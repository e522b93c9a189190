/** Whether a prior was trained on classes that it names: it then stands for a text-conditional and a class-conditional one. */
import { readKnownClasses } from '../diffusion';
import { priorFolder } from './priors';

export const knowsItsClasses = (prior: string): boolean => readKnownClasses(priorFolder(prior)) !== undefined;
