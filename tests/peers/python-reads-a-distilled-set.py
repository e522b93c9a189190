"""What Python's two readers of image folders see in a saved distilled set, as JSON."""
import hashlib
import json
import sys
import tempfile

import numpy
from datasets import load_dataset
from torchvision.datasets import ImageFolder

folder = sys.argv[1]


def seen(classes, pairs):
    images = [(label, numpy.asarray(image.convert("RGB"))) for image, label in pairs]
    return {
        "classes": classes,
        "images": [
            {"label": int(label), "shape": pixels.shape, "sha256": hashlib.sha256(pixels.tobytes()).hexdigest()}
            for label, pixels in images
        ],
    }


vision = ImageFolder(f"{folder}/train")
with tempfile.TemporaryDirectory() as cache:
    splits = load_dataset("imagefolder", data_dir=folder, cache_dir=cache)
    train = splits["train"]
    hugging_face = seen(train.features["label"].names, [(row["image"], row["label"]) for row in train])
    hugging_face["splits"] = sorted(splits)

print(json.dumps({"torchvision": seen(vision.classes, vision), "datasets": hugging_face}))
