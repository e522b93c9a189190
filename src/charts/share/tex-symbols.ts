/** What TeX's commands stand for. */

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => [`\\${pair.slice(0, -[...pair].at(-1)!.length)}`, [...pair].at(-1)!]),
  );

/** Command → character; letters are variables, everything else an operator. */
export const SYMBOLS: Record<string, string> = {
  ...pairs(`alphaα betaβ gammaγ deltaδ epsilonϵ varepsilonε zetaζ etaη thetaθ varthetaϑ iotaι kappaκ lambdaλ muμ nuν xiξ piπ
    rhoρ sigmaσ tauτ upsilonυ phiϕ varphiφ chiχ psiψ omegaω GammaΓ DeltaΔ ThetaΘ LambdaΛ XiΞ PiΠ SigmaΣ PhiΦ PsiΨ OmegaΩ
    ellℓ hbarℏ nabla∇ partial∂ infty∞ emptyset∅ varnothing∅ forall∀ exists∃ neg¬
    sum∑ prod∏ int∫ bigcup⋃ bigcap⋂
    cdot⋅ times× div÷ pm± mp∓ ast∗ star⋆ circ∘ bullet∙ oplus⊕ otimes⊗ odot⊙ cup∪ cap∩ setminus∖ wedge∧ vee∨
    leq≤ le≤ geq≥ ge≥ neq≠ ne≠ approx≈ sim∼ simeq≃ equiv≡ propto∝ ll≪ gg≫ in∈ notin∉ ni∋ subset⊂ subseteq⊆ supset⊃ supseteq⊇ mid∣
    parallel∥ perp⊥ to→ rightarrow→ leftarrow← leftrightarrow↔ Rightarrow⇒ Leftarrow⇐ Leftrightarrow⇔ mapsto↦ iff⇔ implies⇒
    ldots… dots… cdots⋯ vdots⋮ ddots⋱ colon: lbrace{ rbrace} langle⟨ rangle⟩ lfloor⌊ rfloor⌋ lceil⌈ rceil⌉ vert| lvert| rvert|
    Vert‖ lVert‖ rVert‖ backslash∖ prime′ top⊤ bot⊥`),
  '\\{': '{',
  '\\}': '}',
  '\\|': '‖',
  '\\%': '%',
  '\\#': '#',
  '\\&': '&',
  '\\_': '_',
  '\\$': '$',
};

/** What carries its limits below and above in a displayed formula. */
export const LIMITS = new Set(
  ['sum', 'prod', 'bigcup', 'bigcap', 'max', 'min', 'sup', 'inf', 'lim', 'argmax', 'argmin', 'operatorname*'].map(
    (n) => `\\${n}`,
  ),
);

/** Functions, written upright by their own name. */
export const FUNCTIONS = new Set(
  `log ln exp sin cos tan tanh max min sup inf lim arg argmax argmin det dim ker deg gcd Pr`
    .split(' ')
    .map((n) => `\\${n}`),
);

/** Widths of spaces, em. */
export const SPACES: Record<string, number> = {
  '\\,': 0.17,
  '\\:': 0.22,
  '\\>': 0.22,
  '\\;': 0.28,
  '\\ ': 0.25,
  '~': 0.25,
  '\\!': -0.17,
  '\\quad': 1,
  '\\qquad': 2,
};

export const ACCENTS: Record<string, string> = {
  '\\hat': '^',
  '\\widehat': '^',
  '\\bar': '¯',
  '\\overline': '¯',
  '\\tilde': '~',
  '\\widetilde': '~',
  '\\vec': '→',
  '\\dot': '˙',
  '\\ddot': '¨',
};

/** Letters that Unicode had before the blocks of mathematical letters. */
const EARLIER: Record<string, string> = {
  ...Object.fromEntries([...'CHNPQRZ'].map((letter, i) => [`𝔸${letter}`, [...'ℂℍℕℙℚℝℤ'][i]!])),
  ...Object.fromEntries([...'BEFHILMRego'].map((letter, i) => [`𝒜${letter}`, [...'ℬℰℱℋℐℒℳℛℯℊℴ'][i]!])),
};

/** First capital and first small letter of an alphabet. */
const ALPHABETS: Record<string, [string, string]> = {
  '\\mathbb': ['𝔸', '𝕒'],
  '\\mathcal': ['𝒜', '𝒶'],
  '\\mathscr': ['𝒜', '𝒶'],
  '\\mathbf': ['𝐀', '𝐚'],
  '\\boldsymbol': ['𝑨', '𝒂'],
  '\\bm': ['𝑨', '𝒂'],
  '\\mathrm': ['A', 'a'],
  '\\mathsf': ['𝖠', '𝖺'],
  '\\mathtt': ['𝙰', '𝚊'],
};

/** How a command writes letters, if it is one that does. */
export function alphabet(command: string): ((letter: string) => string) | undefined {
  const firsts = ALPHABETS[command];
  if (!firsts) return undefined;
  return (letter) => {
    const [first, from] = /[A-Z]/.test(letter) ? [firsts[0], 'A'] : [firsts[1], 'a'];
    if (!/[A-Za-z]/.test(letter)) return letter;
    return (
      EARLIER[firsts[0] + letter] ??
      String.fromCodePoint(first.codePointAt(0)! + letter.charCodeAt(0) - from.charCodeAt(0))
    );
  };
}
