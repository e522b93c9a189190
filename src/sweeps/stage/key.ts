/** Keys: the hash of everything that a result depends on. */
import { canonical, type Json, sha256 } from '../canonical';
import type { KeyMaterial } from '../store/record';

/** SHA-256 of the key material's canonical JSON: lower-case hex. */
export function keyOf(material: KeyMaterial): string {
  return sha256(canonical(material as unknown as Json));
}

/** The material of a piece: the stage's, with the item. */
export function pieceMaterial(material: KeyMaterial, identity: Json): KeyMaterial {
  return { ...material, item: identity as KeyMaterial['item'] };
}
