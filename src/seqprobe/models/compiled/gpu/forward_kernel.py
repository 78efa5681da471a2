"""The forward kernel: states of every step, and what the backward kernel needs of it."""

from __future__ import annotations

from seqprobe.models.compiled.gpu.sequence_kernel import SequenceKernel


class ForwardKernel(SequenceKernel):
    """Writes the kernel ``forward``; with ``KEEPS`` it keeps what ``backward`` needs."""

    name = "forward"
    arguments = ("KEEPS", "batch", "time", "inputs", "outputs", "kept")
    by_row = False

    def begin(self) -> None:
        self.weights.hold(list(self.weights.matrices))
        self.hold_values()
        self.biases = [self.weights.by_unit("1", block) for block in range(self.plan.blocks)]
        for state in range(len(self.plan.results)):
            self.text.fill(self.tile, name=f"state_{state}")

    def step(self) -> None:
        plan, text = self.plan, self.text
        text.assign("turn", "step")
        self.inputs = self.load_inputs()
        for index in range(len(plan.nodes)):
            self.value(index)
        results = [text.assign(self.vector(index)) for index in plan.results]  # named before any state is changed
        for state, result in enumerate(results):
            text.assign(result, f"state_{state}")
        text.store("state_0", self.outer_place("outputs"), "is_inside")
        with text.block("if KEEPS"):
            for state in range(len(results)):
                text.line(f"tl.store({self.kept_place(state)}, state_{state})")
            for index in plan.kept:
                text.line(f"tl.store({self.kept_place(self.slot(index))}, {self.values[index]})")

    def end(self) -> None:
        pass  # every step's outputs are stored

    def read(self, index: int) -> str:
        node, text = self.plan.nodes[index], self.text
        if node.operation == "state":
            return f"state_{node.place[0]}"
        if node.operation == "product":
            number, block = node.place
            return text.product(
                self.weights.block_of(self.weights.own_matrix(number), block), self.vector(node.operands[0])
            )
        if node.operation != "block":
            return super().read(index)
        (block,) = node.place
        parts = [self.biases[block], text.product(self.weights.block_of("0", block), self.inputs)]
        if self.plan.is_recurrent:
            parts.append(text.product(self.weights.block_of("2", block), "state_0"))
        return text.sum(parts)
