"""Opens a folder that Stillhouse saved with Python's diffusers and transformers, and writes what they compute.

    python diffusers-opens-our-folder.py FOLDER INPUTS.safetensors OUTPUTS.safetensors

INPUTS: images [N,H,W,3], latents [N,h,w,C], timestep, step_noise (NHWC). Prompts are the metadata 'prompts', a JSON list.
"""
import json
import sys

import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import CLIPTextModelWithProjection

folder, inputs, outputs = sys.argv[1:]
with safe_open(inputs, "pt") as file:
    given = {key: file.get_tensor(key) for key in file.keys()}
    prompts = json.loads(file.metadata()["prompts"])

pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
nchw = lambda x: x.permute(0, 3, 1, 2).contiguous()
nhwc = lambda x: x.permute(0, 2, 3, 1).contiguous()

with torch.no_grad():
    ids = pipeline.tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    text = pipeline.text_encoder(ids)[0]
    posterior = pipeline.vae.encode(nchw(given["images"])).latent_dist
    latents = posterior.mean * pipeline.vae.config.scaling_factor
    t = int(given["timestep"])
    noise = pipeline.unet(nchw(given["latents"]), t, text).sample
    pipeline.scheduler.set_timesteps(10)
    t = int(pipeline.scheduler.timesteps[3])
    step = pipeline.scheduler.step(nchw(given["step_noise"]), t, nchw(given["latents"])).prev_sample
    decoded = pipeline.vae.decode(nchw(given["latents"]) / pipeline.vae.config.scaling_factor).sample.clamp(-1, 1)
    pixels = ((nchw(given["images"]) + 1) / 2 * 255).round().to(torch.uint8)
    processed = pipeline.feature_extractor(list(pixels), return_tensors="pt").pixel_values
    embeddings = pipeline.image_encoder(processed).image_embeds
    projected = CLIPTextModelWithProjection.from_pretrained(folder, subfolder="text_encoder", dtype=torch.float32)(ids).text_embeds
    image = pipeline(prompts[0], num_inference_steps=2, height=8, width=8, output_type="np").images

assert image.shape == (1, 8, 8, 3), image.shape
results = {
    "ids": ids.float(), "text": text, "latents": nhwc(latents), "noise": nhwc(noise), "step": nhwc(step),
    "decoded": nhwc(decoded), "embeddings": embeddings, "projected": projected,
}
save_file({key: value.contiguous() for key, value in results.items()}, outputs)
