"""One job of `npm run bench -- jobs` as one would write it in Python: python_jobs.py JOB SIZES DTYPE PRIOR.

SIZES is JSON (see job-sizes.ts), DTYPE 'float32' or 'bfloat16', PRIOR the folder of the prior that ships. Prints one line of JSON.
Noise losses by diffusers and PyTorch, students by PyTorch, clustering by scikit-learn.
"""
import json
import resource
import sys
import time

job, sizes, dtype, prior = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], sys.argv[4]


def noise_losses(side):
    import torch
    import torch_device  # noqa: F401
    from diffusers import DDPMScheduler, UNet2DConditionModel

    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    unet = UNet2DConditionModel.from_pretrained(prior, subfolder="unet", torch_dtype=kind).eval().to(torch.get_default_device())
    schedule = DDPMScheduler.from_pretrained(prior, subfolder="scheduler")
    images, draws = sizes["images"], sizes["draws"]
    latents = torch.randn(images, 4, side, side, dtype=kind)
    text = torch.randn(2, sizes["tokens"], unet.config.cross_attention_dim, dtype=kind)
    timesteps = torch.tensor(sizes["timesteps"])
    noises = torch.randn(draws, 4, side, side, dtype=kind)
    pairs = [(i, d) for i in range(images) for d in range(draws)]

    @torch.inference_mode()
    def run():
        total = torch.zeros(images, side, side)
        for start in range(0, len(pairs), sizes["batch"]):
            which = pairs[start:start + sizes["batch"]]
            image, draw = torch.tensor([i for i, _ in which]), torch.tensor([d for _, d in which])
            noise, at = noises[draw], timesteps[draw]
            noisy = schedule.add_noise(latents[image], noise, at)
            losses = [
                (unet(noisy, at, encoder_hidden_states=text[k].expand(len(which), -1, -1)).sample - noise).float().pow(2).mean(1)
                for k in range(2)
            ]
            total.index_add_(0, image, losses[1] - losses[0])
        return (total / draws).cpu()

    return run


def clustering():
    import numpy
    from sklearn.cluster import KMeans

    random = numpy.random.default_rng(0)
    centres = random.standard_normal((50, sizes["values"]))
    data = centres[numpy.arange(sizes["vectors"]) % 50] / 2 + random.standard_normal((sizes["vectors"], sizes["values"]))
    data = data.astype(numpy.float32)
    return lambda: KMeans(sizes["clusters"], n_init=1, random_state=0).fit(data)


def student():
    from python_students import trained

    return lambda: trained(sizes, dtype)


def teacher():
    from python_students import taught

    return lambda: taught(sizes)


jobs = {
    "noise-losses-64": lambda: noise_losses(16),
    "noise-losses-96": lambda: noise_losses(24),
    "student-conv3": student,
    "student-resnet10": student,
    "teacher-conv3": teacher,
    "clustering": clustering,
}
run = jobs[job]()
run()
start, cpu = time.perf_counter(), time.process_time()
run()
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak}))
