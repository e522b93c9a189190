"""A student by RDED's recipe as one would write it in PyTorch: crops, flips, CutMix, soft labels of a teacher, AdamW."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

import torch_device  # noqa: F401


class Basic(nn.Module):
    def __init__(self, ci, co, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(ci, co, 3, stride, 1, bias=False), nn.BatchNorm2d(co)
        self.c2, self.b2 = nn.Conv2d(co, co, 3, 1, 1, bias=False), nn.BatchNorm2d(co)
        same = stride == 1 and ci == co
        self.s = nn.Identity() if same else nn.Sequential(nn.Conv2d(ci, co, 1, stride, bias=False), nn.BatchNorm2d(co))

    def forward(self, x):
        return F.relu(self.s(x) + self.b2(self.c2(F.relu(self.b1(self.c1(x))))))


def resnet10(width=32):
    layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    ci = width
    for i in range(4):
        layers.append(Basic(ci, width * 2**i, 2 if i else 1))
        ci = width * 2**i
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(ci, 10))


def conv3(width=128):
    layers, ci = [], 3
    for _ in range(3):
        layers += [nn.Conv2d(ci, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.AvgPool2d(2)]
        ci = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(width * 16, 10))


def augmented(images, size, scale=(0.5, 1.0)):
    """RandomResizedCrop and a flip for each image."""
    out = []
    for image in images:
        area = random.uniform(*scale)
        ratio = random.uniform(3 / 4, 4 / 3)
        h, w = (min(size, round(size * (area / ratio) ** 0.5)), min(size, round(size * (area * ratio) ** 0.5)))
        top, left = random.randint(0, size - h), random.randint(0, size - w)
        crop = image[None, :, top : top + h, left : left + w]
        crop = F.interpolate(crop, (size, size), mode="bilinear", antialias=True, align_corners=False)
        out.append(crop.flip(3) if random.random() < 0.5 else crop)
    return torch.cat(out).contiguous(memory_format=torch.channels_last)


def shuffled(images, factor=2):
    """RDED's ShufflePatches: strips of columns, then of rows, in random order for each image."""
    for axis in (3, 2):
        strips = [torch.cat([s for s in random.sample(image[None].chunk(factor, axis), factor)], axis) for image in images]
        images = torch.cat(strips)
    return images


def cutmix(images):
    size, partner = images.shape[2], torch.randperm(len(images))
    side = int(size * (1 - random.betavariate(1, 1)) ** 0.5)
    y, x = random.randint(0, size - 1), random.randint(0, size - 1)
    top, bottom = max(0, y - side // 2), min(size, y + side // 2)
    left, right = max(0, x - side // 2), min(size, x + side // 2)
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = images[partner, :, top:bottom, left:right]
    return mixed


def trained(sizes, dtype, images=100, batch=50, temperature=20.0):
    torch.manual_seed(0)
    make = conv3 if sizes["network"] == "conv3" else resnet10
    student, teacher = (make().to(memory_format=torch.channels_last) for _ in range(2))
    teacher.eval()
    size, epochs = sizes["size"], sizes["epochs"]
    data = torch.randn(images, 3, size, size).contiguous(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(student.parameters(), 1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 2 * epochs)
    for _ in range(epochs):
        student.train()
        for at in torch.randperm(images).split(batch):
            x = cutmix(augmented(shuffled(data[at]), size))
            with torch.autocast(torch.get_default_device().type, torch.bfloat16, enabled=dtype == "bfloat16"):
                with torch.no_grad():
                    told = teacher(x)
                found = student(x)
            loss = F.kl_div(F.log_softmax(found.float() / temperature, 1), F.softmax(told.float() / temperature, 1), reduction="batchmean")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        loss.item()


def taught(sizes):
    """A teacher: crops, flips, cross-entropy, AdamW under a cosine."""
    torch.manual_seed(0)
    teacher = (conv3 if sizes["network"] == "conv3" else resnet10)().to(memory_format=torch.channels_last)
    size, images, epochs, batch = (sizes[name] for name in ("size", "images", "epochs", "batch"))
    data, labels = torch.randn(images, 3, size, size), torch.arange(images) % 10
    optimiser = torch.optim.AdamW(teacher.parameters(), 1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * images // batch)
    for _ in range(epochs):
        for at in torch.randperm(images).split(batch):
            loss = F.cross_entropy(teacher(augmented(data[at], size, (0.35, 1.0))), labels[at])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        loss.item()
