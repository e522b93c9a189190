"""One case of the bench on PyTorch, in a process of its own: torch_cases.py CASE STEPS VARIANT.

VARIANT: 'nchw' or 'channels_last'. Prints one line of JSON. The networks of ours.ts, float32, on the GPU where there is one
(see torch_device.py).
"""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import torch_device

which, steps, variant = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.manual_seed(0)


class Residual(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.n1, self.c1 = nn.GroupNorm(32, ci), nn.Conv2d(ci, co, 3, padding=1)
        self.e = nn.Linear(256, co)
        self.n2, self.c2 = nn.GroupNorm(32, co), nn.Conv2d(co, co, 3, padding=1)
        self.s = nn.Conv2d(ci, co, 1) if ci != co else nn.Identity()

    def forward(self, x, e):
        h = self.c1(F.silu(self.n1(x))) + self.e(F.silu(e))[:, :, None, None]
        return self.s(x) + self.c2(F.silu(self.n2(h)))


class Attend(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.n, self.qkv, self.o = nn.GroupNorm(32, c), nn.Linear(c, 3 * c), nn.Linear(c, c)

    def forward(self, x):
        n, c, height, width = x.shape
        h = self.n(x).permute(0, 2, 3, 1).reshape(n, height * width, c)
        q, k, v = [t.reshape(n, height * width, 1, c).transpose(1, 2) for t in self.qkv(h).chunk(3, -1)]
        o = self.o(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, height * width, c))
        return x + o.reshape(n, height, width, c).permute(0, 3, 1, 2)


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.t1, self.t2 = nn.Linear(64, 256), nn.Linear(256, 256)
        self.i = nn.Conv2d(3, 64, 3, padding=1)
        self.d1 = nn.ModuleList([Residual(64, 64), Residual(64, 64)])
        self.dn = nn.Conv2d(64, 64, 3, 2, 1)
        self.d2 = nn.ModuleList([Residual(64, 128), Residual(128, 128)])
        self.d2a = nn.ModuleList([Attend(128), Attend(128)])
        self.m1, self.ma, self.m2 = Residual(128, 128), Attend(128), Residual(128, 128)
        self.u2 = nn.ModuleList([Residual(256, 128), Residual(256, 128), Residual(192, 128)])
        self.u2a = nn.ModuleList([Attend(128) for _ in range(3)])
        self.up = nn.Conv2d(128, 128, 3, padding=1)
        self.u1 = nn.ModuleList([Residual(192, 64), Residual(128, 64), Residual(128, 64)])
        self.on, self.out = nn.GroupNorm(32, 64), nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, x, t):
        e = self.t2(F.silu(self.t1(t)))
        h = self.i(x)
        skips = [h]
        for r in self.d1:
            h = r(h, e)
            skips.append(h)
        h = self.dn(h)
        skips.append(h)
        for r, a in zip(self.d2, self.d2a):
            h = a(r(h, e))
            skips.append(h)
        h = self.m2(self.ma(self.m1(h, e)), e)
        for r, a in zip(self.u2, self.u2a):
            h = a(r(torch.cat([h, skips.pop()], 1), e))
        h = self.up(F.interpolate(h, scale_factor=2, mode="nearest"))
        for r in self.u1:
            h = r(torch.cat([h, skips.pop()], 1), e)
        return self.out(F.silu(self.on(h)))


class Basic(nn.Module):
    def __init__(self, ci, co, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(ci, co, 3, stride, 1, bias=False), nn.BatchNorm2d(co)
        self.c2, self.b2 = nn.Conv2d(co, co, 3, 1, 1, bias=False), nn.BatchNorm2d(co)
        self.s = (
            nn.Sequential(nn.Conv2d(ci, co, 1, stride, bias=False), nn.BatchNorm2d(co))
            if stride != 1 or ci != co
            else nn.Identity()
        )

    def forward(self, x):
        return F.relu(self.s(x) + self.b2(self.c2(F.relu(self.b1(self.c1(x))))))


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    ci = 64
    for i, co in enumerate((64, 128, 256, 512)):
        layers += [Basic(ci, co, 2 if i else 1), Basic(co, co, 1)]
        ci = co
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 200))


def convnet3():
    layers, ci = [], 3
    for _ in range(3):
        layers += [nn.Conv2d(ci, 128, 3, padding=1), nn.GroupNorm(128, 128), nn.ReLU(), nn.AvgPool2d(2)]
        ci = 128
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 10))


class DiffusionBlock(nn.Module):
    def __init__(self, c=320):
        super().__init__()
        self.g = nn.ModuleList([nn.GroupNorm(32, c) for _ in range(3)])
        self.c1, self.c2 = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 3, padding=1)
        self.l = nn.ModuleList([nn.LayerNorm(c) for _ in range(3)])
        for name in ("o", "pi", "po", "o2"):
            setattr(self, name, nn.Linear(c, c))
        for name in ("q", "k", "v", "q2"):
            setattr(self, name, nn.Linear(c, c, bias=False))
        self.k2, self.v2 = nn.Linear(768, c, bias=False), nn.Linear(768, c, bias=False)
        self.f1, self.f2 = nn.Linear(c, 8 * c), nn.Linear(4 * c, c)

    def attend(self, q, k, v):
        heads = lambda t: t.view(1, -1, 8, 40).transpose(1, 2)
        o = F.scaled_dot_product_attention(heads(q), heads(k), heads(v))
        return o.transpose(1, 2).reshape(1, -1, 320)

    def forward(self, x, context):
        x = x + self.c2(F.silu(self.g[1](self.c1(F.silu(self.g[0](x))))))
        t = self.pi(self.g[2](x).permute(0, 2, 3, 1).reshape(1, 4096, 320))
        n = self.l[0](t)
        t = t + self.o(self.attend(self.q(n), self.k(n), self.v(n)))
        n = self.l[1](t)
        t = t + self.o2(self.attend(self.q2(n), self.k2(context), self.v2(context)))
        a, b = self.f1(self.l[2](t)).chunk(2, -1)
        t = t + self.f2(a * F.gelu(b))
        return self.po(t).view(1, 64, 64, 320).permute(0, 3, 1, 2) + x


def modulate(x, shift, scale):
    return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale[:, None]) + shift[:, None]


class DiTBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ada = nn.Linear(width, 6 * width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.f1, self.f2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, c):
        n, tokens, width = x.shape
        shift1, scale1, gate1, shift2, scale2, gate2 = self.ada(c).chunk(6, 1)
        h = modulate(x, shift1, scale1)
        q, k, v = (layer(h).view(n, tokens, self.heads, -1).transpose(1, 2) for layer in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, tokens, width)
        x = x + gate1[:, None] * self.o(h)
        h = self.f2(F.gelu(self.f1(modulate(x, shift2, scale2)), approximate="tanh"))
        return x + gate2[:, None] * h


class DiT(nn.Module):
    def __init__(self, width, heads, depth, classes):
        super().__init__()
        self.patch = nn.Conv2d(4, width, 2, 2)
        self.t1, self.t2, self.y = nn.Linear(256, width), nn.Linear(width, width), nn.Embedding(classes + 1, width)
        self.blocks = nn.ModuleList(DiTBlock(width, heads) for _ in range(depth))
        self.ada, self.out = nn.Linear(width, 2 * width), nn.Linear(width, 32)

    def forward(self, x, waves, labels):
        n, _, height, width = x.shape
        c = F.silu(self.t2(F.silu(self.t1(waves))) + self.y(labels))
        h = self.patch(x).flatten(2).transpose(1, 2)
        for block in self.blocks:
            h = block(h, c)
        h = self.out(modulate(h, *self.ada(c).chunk(2, 1)))
        return h.view(n, height // 2, width // 2, 2, 2, 8).permute(0, 5, 1, 3, 2, 4).reshape(n, 8, height, width)


def cases():
    if which in ("dit", "dit-block"):
        width, heads, depth, classes, batch, side = (160, 5, 8, 10, 32, 16) if which == "dit" else (1152, 16, 1, 1000, 2, 32)
        x, y, waves = torch.randn(batch, 4, side, side), torch.randn(batch, 8, side, side), torch.randn(batch, 256)
        labels = torch.arange(batch) % (classes + 1)
        return DiT(width, heads, depth, classes), x, lambda m, x: F.mse_loss(m(x, waves, labels), y), lambda p: torch.optim.AdamW(p, 1e-4, weight_decay=0)
    if which == "unet":
        x, t, y = torch.randn(32, 3, 32, 32), torch.randn(32, 64), torch.randn(32, 3, 32, 32)
        return Unet(), x, lambda m, x: F.mse_loss(m(x, t), y), lambda p: torch.optim.Adam(p, 1e-4)
    if which == "sd-unet":
        from diffusers import UNet2DConditionModel

        context = torch.randn(2, 77, 768)
        return UNet2DConditionModel(cross_attention_dim=768), torch.randn(2, 4, 64, 64), lambda m, x: m(x, 160, context).sample, None
    if which in ("resnet18", "resnet18-224", "convnet3"):
        count, side, classes = {"resnet18": (64, 64, 200), "resnet18-224": (100, 224, 200), "convnet3": (256, 32, 10)}[which]
        x, y = torch.randn(count, 3, side, side), torch.randint(0, classes, (count,))
        model = convnet3() if which == "convnet3" else resnet18()
        return model, x, lambda m, x: F.cross_entropy(m(x), y), lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)
    context = torch.randn(1, 77, 768)
    return DiffusionBlock(), torch.randn(1, 320, 64, 64), lambda m, x: m(x, context), None


model, x, compute, make_optimiser = cases()
if variant == "channels_last":
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
optimiser = make_optimiser(model.parameters()) if make_optimiser else None
seconds, losses = [], []
for i in range(steps + 1):
    if i == 1:
        cpu = time.process_time()
    start = time.perf_counter()
    if optimiser:
        loss = compute(model, x)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    else:
        with torch.no_grad():
            compute(model, x).cpu()
    if i:
        seconds.append(time.perf_counter() - start)
print(
    json.dumps(
        {
            "case": which,
            "seconds": seconds,
            "cpu": (time.process_time() - cpu) / steps,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "parameters": sum(p.numel() for p in model.parameters()),
            "losses": losses,
            "torch": torch.__version__,
            "device": torch_device.name,
            "threads": torch.get_num_threads(),
        }
    )
)
