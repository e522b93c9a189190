// SRe2L: images recovered from a teacher
export { type RecoverableNetwork, type RecoverOptions, recoverImages } from './recover';
export { type RecoverySettings, recoverySettings, sre2lSettings } from './settings';
export { joinRounds, type Sre2lOptions, sre2l } from './sre2l';
