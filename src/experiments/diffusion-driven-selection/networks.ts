/** Networks of Tables 3 and 8 of paper 001, by its names: each is teacher and student. */
export const networks = [
  'ResNet-18',
  'ResNet-50',
  'ResNet-101',
  'MobileNet-V2',
  'EfficientNet-B0',
  'Swin-T',
  'ViT-B',
] as const;
