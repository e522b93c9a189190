/** The classes of ImageNet subsets, in the label order that published teachers and tables use. */

/** One class: its WordNet id (the folder name of ImageNet), its row of 0 … 999, and a noun for prompts. */
export interface ImageNetClass {
  readonly wnid: string;
  readonly index: number;
  readonly name: string;
}

/** A subset of ImageNet-1K's classes, and where its order was read. */
export interface ImageNetSubset {
  readonly name: string;
  readonly classes: readonly ImageNetClass[];
  /** Repository, commit and file the order comes from. */
  readonly source: string;
}

function parse(table: string): ImageNetClass[] {
  return table
    .trim()
    .split(/,\s*/)
    .map((entry) => {
      const [wnid, index, ...name] = entry.split(' ');
      return { wnid: wnid!, index: Number(index), name: name.join(' ') };
    });
}

const minimax = 'vimar-gu/MinimaxDiffusion@969fc6f:misc/';

/**
 * ImageNette. These are classes of the full ImageNet-1K (about 1,300 training images each), not fastai's imagenette2,
 * which holds fewer images in another split.
 */
export const imageNette: ImageNetSubset = {
  name: 'ImageNette',
  source: `${minimax}class_nette.txt`,
  classes: parse(`
  n01440764 0 tench, n02102040 217 English springer, n02979186 482 cassette player, n03000684 491 chain saw,
  n03028079 497 church, n03394916 566 French horn, n03417042 569 garbage truck, n03425413 571 gas pump,
  n03445777 574 golf ball, n03888257 701 parachute`),
};

/** ImageWoof: ten breeds of dogs. The order is the label order, which is not that of the wnids. */
export const imageWoof: ImageNetSubset = {
  name: 'ImageWoof',
  source: `${minimax}class_woof.txt`,
  classes: parse(`
  n02096294 193 Australian terrier, n02093754 182 Border terrier, n02111889 258 Samoyed, n02088364 162 beagle,
  n02086240 155 Shih-Tzu, n02089973 167 English foxhound, n02087394 159 Rhodesian ridgeback, n02115641 273 dingo,
  n02099601 207 golden retriever, n02105641 229 Old English sheepdog`),
};

/** ImageNet-100, in the order of IDC's list. */
export const imageNet100: ImageNetSubset = {
  name: 'ImageNet-100',
  source: `${minimax}class100.txt`,
  classes: parse(`
  n02869837 452 bonnet, n01749939 64 green mamba, n02488291 374 langur, n02107142 236 Doberman,
  n13037406 993 gyromitra, n02091831 176 Saluki, n04517823 882 vacuum, n04589890 904 window screen,
  n03062245 503 cocktail shaker, n01773797 74 garden spider, n01735189 57 garter snake, n07831146 959 carbonara,
  n07753275 953 pineapple, n03085013 508 computer keyboard, n04485082 872 tripod, n02105505 228 komondor,
  n01983481 122 American lobster, n02788148 421 bannister, n03530642 599 honeycomb, n04435653 858 tile roof,
  n02086910 157 papillon, n02859443 449 boathouse, n13040303 994 stinkhorn, n03594734 608 jean,
  n02085620 151 Chihuahua, n02099849 209 Chesapeake Bay retriever, n01558993 15 robin, n04493381 876 tub,
  n02109047 246 Great Dane, n04111531 766 rotisserie, n02877765 455 bottlecap, n04429376 857 throne,
  n02009229 131 little blue heron, n01978455 119 rock crab, n02106550 234 Rottweiler, n01820546 90 lorikeet,
  n01692333 45 Gila monster, n07714571 936 head cabbage, n02974003 479 car wheel, n02114855 272 coyote,
  n03785016 665 moped, n03764736 653 milk can, n03775546 659 mixing bowl, n02087046 158 toy terrier,
  n07836838 960 chocolate sauce, n04099969 765 rocking chair, n04592741 908 wing, n03891251 703 park bench,
  n02701002 407 ambulance, n03379051 560 football helmet, n02259212 317 leafhopper, n07715103 938 cauliflower,
  n03947888 724 pirate, n04026417 748 purse, n02326432 331 hare, n03637318 619 lampshade, n01980166 120 fiddler crab,
  n02113799 267 standard poodle, n02086240 155 Shih-Tzu, n03903868 708 pedestal, n02483362 368 gibbon,
  n04127249 772 safety pin, n02089973 167 English foxhound, n03017168 494 chime,
  n02093428 180 American Staffordshire terrier, n02804414 431 bassinet, n02396427 342 wild boar,
  n04418357 854 theater curtain, n02172182 305 dung beetle, n01729322 54 hognose snake,
  n02113978 268 Mexican hairless, n03787032 667 mortarboard, n02089867 166 Walker hound, n02119022 277 red fox,
  n03777754 662 modem, n04238763 798 slide rule, n02231487 313 walking stick, n03032252 498 cinema,
  n02138441 299 meerkat, n02104029 222 kuvasz, n03837869 682 obelisk, n03494278 593 harmonica, n04136333 775 sarong,
  n03794056 674 mousetrap, n03492542 592 hard disc, n02018207 137 American coot, n04067472 758 reel,
  n03930630 717 pickup, n03584829 606 iron, n02123045 281 tabby, n04229816 796 ski mask, n02100583 211 vizsla,
  n03642806 620 laptop, n04336792 830 stretcher, n03259280 544 Dutch oven, n02116738 275 African hunting dog,
  n02108089 242 boxer, n03424325 570 gasmask, n01855672 99 goose, n02090622 169 borzoi`),
};

/** ImageIDC: the first ten classes of ImageNet-100. */
export const imageIdc: ImageNetSubset = {
  name: 'ImageIDC',
  source: `${minimax}class100.txt, the first 10`,
  classes: imageNet100.classes.slice(0, 10),
};

/** The subsets by name. */
export const imageNetSubsets: readonly ImageNetSubset[] = [imageNette, imageWoof, imageIdc, imageNet100];
