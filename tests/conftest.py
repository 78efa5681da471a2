"""One thread per test process: small tensors lose time with more, and results then do not depend on the machine."""

import torch

torch.set_num_threads(1)
