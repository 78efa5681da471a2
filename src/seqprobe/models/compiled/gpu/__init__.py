"""Recurrent layers as kernels for CUDA's GPUs, written with Triton from the same equations as the machine code."""
