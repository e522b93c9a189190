/** The operations that can be differentiated twice, under one name: `twice.exp`. */
import * as twice from './twice-differentiable';

export { twice };
