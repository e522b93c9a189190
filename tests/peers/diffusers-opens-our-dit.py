"""Opens a DiT prior that Stillhouse saved with Python's diffusers, and writes what it computes.

    python diffusers-opens-our-dit.py FOLDER INPUTS.safetensors OUTPUTS.safetensors

INPUTS: latents [N,h,w,C], timesteps, labels (NHWC).
"""
import sys

import torch
from diffusers import DiTPipeline
from safetensors.torch import load_file, save_file

folder, inputs, outputs = sys.argv[1:]
given = load_file(inputs)
pipeline = DiTPipeline.from_pretrained(folder, torch_dtype=torch.float32)
nchw = lambda x: x.permute(0, 3, 1, 2).contiguous()
nhwc = lambda x: x.permute(0, 2, 3, 1).contiguous()

with torch.no_grad():
    sample = pipeline.transformer(nchw(given["latents"]), given["timesteps"].long(), given["labels"].long()).sample
    decoded = pipeline.vae.decode(nchw(given["latents"]) / pipeline.vae.config.scaling_factor).sample.clamp(-1, 1)
    # Guidance takes the null class to be number 1000, so without it.
    [label] = pipeline.get_label_ids(["azure"])
    image = pipeline([label], guidance_scale=1.0, num_inference_steps=2, output_type="np").images

assert label == 2 and image.shape == (1, 16, 16, 3), (label, image.shape)
save_file({"sample": nhwc(sample), "decoded": nhwc(decoded)}, outputs)
