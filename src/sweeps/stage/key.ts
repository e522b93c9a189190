/** Keys: the hash of everything that a result depends on. */
import { canonical, type Json, sha256 } from '../canonical';
import type { KeyMaterial } from '../store/record';

/** SHA-256 of the key material's canonical JSON: lower-case hex. */
export function keyOf(material: KeyMaterial): string {
  return sha256(canonical(material as unknown as Json));
}

/** Hash of a list of outputs, as an input's or a mapped stage's. */
export function listHash(outputs: readonly string[]): string {
  return sha256(JSON.stringify(outputs));
}

/** The material of a piece: the stage's, with the item. */
export function pieceMaterial(material: KeyMaterial, identity: Json): KeyMaterial {
  return { ...material, item: identity as KeyMaterial['item'] };
}
