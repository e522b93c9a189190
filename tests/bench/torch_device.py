"""Makes PyTorch's default device the one that our side of the bench has: the first GPU, or the CPU with STILLHOUSE_DEVICE=cpu."""
import os

import torch

cuda = torch.cuda.is_available() and os.environ.get("STILLHOUSE_DEVICE") != "cpu"
torch.set_default_device("cuda" if cuda else "cpu")
# TensorFlow multiplies float32 by TF32 on GPUs that have it; PyTorch's default does so in convolutions only.
torch.backends.cuda.matmul.allow_tf32 = True
name = torch.cuda.get_device_name() if cuda else "cpu"
