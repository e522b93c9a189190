"""A UNet of Stable Diffusion v1.5's size with random weights, saved in half precision, and what diffusers computes.

    python stable-diffusion-size.py FOLDER        (writes 1.7 GB; needs 8 GB of memory)
"""
import sys
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

folder = Path(sys.argv[1])
torch.set_num_threads(1)
with torch.device("meta"):
    unet = UNet2DConditionModel(cross_attention_dim=768, sample_size=64)
unet.to_empty(device="cpu").half()
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for name, p in unet.named_parameters():
        bound = (3 / p[0].numel()) ** 0.5 if p.ndim > 1 else 0.1
        p.uniform_(-bound, bound, generator=generator)
        if "norm" in name and name.endswith("weight"):
            p.add_(1)
unet.save_pretrained(folder)
unet = unet.float().eval()
latents = torch.randn(1, 4, 16, 16, generator=generator)
text = torch.randn(1, 77, 768, generator=generator)
features = []
unet.up_blocks[1].register_forward_hook(lambda _m, _i, out: features.append(out))
with torch.no_grad():
    sample = unet(latents, 160, text).sample
nhwc = lambda x: x.permute(0, 2, 3, 1).contiguous()
results = {"latents": nhwc(latents), "text": text, "sample": nhwc(sample), "feature": nhwc(features[0])}
save_file(results, folder / "answers.safetensors")
