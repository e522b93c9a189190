/** The classes of ImageNet subsets, in the label order that published teachers and tables use. */
import { type ImageNetClass, imageNetClass, imageNetClasses } from './imagenet-classes';

/** A subset of ImageNet-1K's classes, and where its order was read. */
export interface ImageNetSubset {
  readonly name: string;
  readonly classes: readonly ImageNetClass[];
  /** Repository, commit and file the order comes from. */
  readonly source: string;
}

const classesOf = (wnids: string): ImageNetClass[] =>
  wnids
    .trim()
    .split(/\s+/)
    .map((wnid) => imageNetClass(wnid)!);

const minimax = 'vimar-gu/MinimaxDiffusion@969fc6f:misc/';

/**
 * ImageNette: tench, English springer, cassette player … These are classes of the full ImageNet-1K (about 1,300 training
 * images each), not fastai's imagenette2, which holds fewer images in another split.
 */
export const imageNette: ImageNetSubset = {
  name: 'ImageNette',
  source: `${minimax}class_nette.txt`,
  classes: classesOf(`
  n01440764 n02102040 n02979186 n03000684 n03028079 n03394916 n03417042 n03425413 n03445777 n03888257`),
};

/** ImageWoof: ten breeds of dogs. The order is the label order, which is not that of the wnids. */
export const imageWoof: ImageNetSubset = {
  name: 'ImageWoof',
  source: `${minimax}class_woof.txt`,
  classes: classesOf(`
  n02096294 n02093754 n02111889 n02088364 n02086240 n02089973 n02087394 n02115641 n02099601 n02105641`),
};

/** ImageNet-100, in the order of IDC's list. */
export const imageNet100: ImageNetSubset = {
  name: 'ImageNet-100',
  source: `${minimax}class100.txt`,
  classes: classesOf(`
  n02869837 n01749939 n02488291 n02107142 n13037406 n02091831 n04517823 n04589890 n03062245 n01773797 n01735189
  n07831146 n07753275 n03085013 n04485082 n02105505 n01983481 n02788148 n03530642 n04435653 n02086910 n02859443
  n13040303 n03594734 n02085620 n02099849 n01558993 n04493381 n02109047 n04111531 n02877765 n04429376 n02009229
  n01978455 n02106550 n01820546 n01692333 n07714571 n02974003 n02114855 n03785016 n03764736 n03775546 n02087046
  n07836838 n04099969 n04592741 n03891251 n02701002 n03379051 n02259212 n07715103 n03947888 n04026417 n02326432
  n03637318 n01980166 n02113799 n02086240 n03903868 n02483362 n04127249 n02089973 n03017168 n02093428 n02804414
  n02396427 n04418357 n02172182 n01729322 n02113978 n03787032 n02089867 n02119022 n03777754 n04238763 n02231487
  n03032252 n02138441 n02104029 n03837869 n03494278 n04136333 n03794056 n03492542 n02018207 n04067472 n03930630
  n03584829 n02123045 n04229816 n02100583 n03642806 n04336792 n03259280 n02116738 n02108089 n03424325 n01855672
  n02090622`),
};

/** ImageIDC: the first ten classes of ImageNet-100. */
export const imageIdc: ImageNetSubset = {
  name: 'ImageIDC',
  source: `${minimax}class100.txt, the first 10`,
  classes: imageNet100.classes.slice(0, 10),
};

/** All classes of ImageNet-1K, in label order. */
export const imageNet1k: ImageNetSubset = {
  name: 'ImageNet-1K',
  source: 'huggingface/pytorch-image-models 1.0.31: timm/data/_info/imagenet_synsets.txt',
  classes: imageNetClasses,
};

/** The subsets by name. */
export const imageNetSubsets: readonly ImageNetSubset[] = [imageNette, imageWoof, imageIdc, imageNet100, imageNet1k];
