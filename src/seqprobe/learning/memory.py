"""How many members fit into memory: computed at once, and held together.

A member's data and weights are held for the whole training, so they decide how many members make a group; the
activations of one update are needed only for a moment, so they decide how many members of a group are computed at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psutil
import torch
from torch import nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.learning.fresh_data import BLOCK
from seqprobe.tasks import Task
from seqprobe.tasks.splits import draw_split

SHARE = 1 / 3
"""Of what is free, as other trainings may run beside this one."""
COPIES_OF_WEIGHTS = 8
"""Weights, their gradient, the best ones, the ones before an update, and what optimizers keep."""
COPIES_OF_ACTIVATIONS = 4
"""Numbers per unit and step that a backward pass needs: sums, activations, products, gradients."""
COPIES_WHILE_DRAWN = 3
"""Float64 numbers for each number that one member draws: random numbers, sequences and what is made of them."""
CGROUP = Path("/sys/fs/cgroup")


def free_bytes(device: torch.device) -> int:
    """What is free on a device; on the CPU no more than the container may still take."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    available = int(psutil.virtual_memory().available)
    if device.type == "mps":  # it shares the computer's memory, up to a limit of its own
        return min(available, torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    limit, used = CGROUP / "memory.max", CGROUP / "memory.current"
    if limit.is_file() and used.is_file() and limit.read_text().strip().isdigit():
        return max(0, min(available, int(limit.read_text()) - int(used.read_text())))
    return available


def memory_budget(memory_gib: float | None, device: torch.device) -> int:
    """The bytes that a training may take; None takes a share of what is free."""
    return int(free_bytes(device) * SHARE if memory_gib is None else memory_gib * 2**30)


def bytes_of_data(task: Task, dtype: torch.dtype) -> int:
    """Bytes of one member's data, and of their order."""
    fresh = BLOCK * task.batch_size if task.train_size is None else 0
    return (task.train_count + task.val_size + fresh) * bytes_per_sequence(task, dtype) + 4 * task.train_count


def bytes_per_sequence(task: Task, dtype: torch.dtype) -> int:
    """Bytes of one sequence with its targets and length."""
    one = draw_split(task, "train", 1, 0)
    if not isinstance(one, Batch):
        raise InvalidValue("task", type(task).__name__, "its sample() must return a seqprobe.batch.Batch")
    one = one.to("cpu", dtype)
    return sum(part.numel() * part.element_size() for part in one.tensors)


def bytes_held(task: Task, network: nn.Module, dtype: torch.dtype) -> int:
    """Bytes per member for the whole training: data, order, weights, optimizer state; of shared data only the order."""
    weights = sum(parameter.numel() for parameter in network.parameters()) * dtype.itemsize
    data = 4 * task.train_count if task.is_shared else bytes_of_data(task, dtype)
    return data + COPIES_OF_WEIGHTS * weights


def bytes_shared(task: Task, dtype: torch.dtype) -> int:
    """Bytes of data that all members share."""
    return bytes_of_data(task, dtype) if task.is_shared else 0


def drawing_room(task: Task, dtype: torch.dtype) -> int:
    """The bytes that the data of a group of members may take, wherever it trains: they are drawn in the CPU's memory.

    Raises:
        InvalidValue: not even the data of a single member fit.
    """
    free = free_bytes(torch.device("cpu"))
    largest = max(task.train_count, task.val_size)
    room = free - COPIES_WHILE_DRAWN * largest * bytes_per_sequence(task, torch.float64)
    if bytes_of_data(task, dtype) > room:
        needed, is_free = ((free - room + bytes_of_data(task, dtype)) / 2**30, free / 2**30)
        allowed = f"drawing the data of one seed takes {needed:.3g} GiB of memory, {is_free:.3g} GiB are free"
        raise InvalidValue("task.train_size", task.train_size, allowed)
    return room


def bytes_at_work(task: Task, network: nn.Module, dtype: torch.dtype) -> int:
    """Roughly what one update of one member needs until its gradient is known."""
    units = sum(parameter.shape[0] for parameter in network.parameters() if parameter.dim() > 1)
    return task.batch_size * task.max_length * max(1, units) * COPIES_OF_ACTIVATIONS * dtype.itemsize


def check_update(task: Task, network: nn.Module, dtype: torch.dtype, device: torch.device, members: int) -> None:
    """Refuse an update that the CPU has no memory for: the system would kill the process. A GPU says so itself.

    Args:
        members: the least that are computed at once.

    Raises:
        InvalidValue: it does not fit.
    """
    needed, free = members * bytes_at_work(task, network, dtype), free_bytes(device)
    if device.type == "cpu" and needed > free:
        seeds = f"{members} seed{'s' if members > 1 else ''}"
        sizes = f"{needed / 2**30:.3g} GiB of memory, {free / 2**30:.3g} GiB are free"
        raise InvalidValue("task.batch_size", task.batch_size, f"an update of {seeds} takes about {sizes}")


def member_groups(seeds: Sequence[int], bytes_per_member: int, available: int) -> list[Sequence[int]]:
    """Cut ``seeds`` into as few groups of neighbours as fit, of about equal size; at least one seed in each."""
    most = max(1, available // max(1, bytes_per_member))
    count = -(-len(seeds) // most)
    bounds = [len(seeds) * index // count for index in range(count + 1)]
    return [seeds[bounds[index] : bounds[index + 1]] for index in range(count)]
