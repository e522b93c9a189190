export { compareResults, type Difference, type Verdict } from './compare';
export { executeNotebook, type ExecuteOptions } from './execute';
export { type Verification, verify, type VerifyOptions } from './verify';
