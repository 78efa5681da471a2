"""The backward kernel: backpropagation through time (Werbos, 1990), with sums for the weights' gradients at hand."""

from __future__ import annotations

from seqprobe.models.compiled.derivatives import DERIVATIVES
from seqprobe.models.compiled.gpu.sequence_kernel import SequenceKernel


class BackwardKernel(SequenceKernel):
    """Writes the kernel ``backward``, which finds what ``forward`` kept; with ``TO_INPUTS`` it gives their gradients.

    Gradients by weights are those of one group of sequences, ``(seeds, groups, weights)``, laid out as `MemoryLayout`
    has it; nothing is added up between programs, so that sums have one order in every population.
    """

    name = "backward"
    arguments = ("TO_INPUTS", "batch", "time", "truncation", "inputs", "outer", "kept", "input_gradient", "gradients")
    by_row = True

    def begin(self) -> None:
        text = self.text
        self.hold_values()
        self.weights.hold([tensor for tensor in self.weights.matrices if tensor != "0"])
        with text.block("if TO_INPUTS"):
            text.line("pass")
            self.weights.hold(["0"])
        for state in range(len(self.plan.results)):
            text.fill(self.tile, name=f"carried_{state}")
        for tensor in self.weights.matrices:
            for block in self.weights.blocks_of(tensor):
                text.fill(f"{self.units}, {self.columns(tensor)}", name=f"sum_{tensor}_{block}")
        for block in range(self.plan.blocks):
            text.fill(self.tile, name=f"bias_{block}")
        for weight in range(len(self.plan.graph.weights)):
            text.fill(self.tile, name=f"sum_{self.weights.of_unit(weight)}")

    def columns(self, tensor: str) -> int:
        """Columns of a matrix's tile."""
        return self.features if tensor == "0" else self.units

    # One step

    def step(self) -> None:
        plan, text = self.plan, self.text
        text.assign("time - 1 - turn", "step")
        text.load(self.outer_place("outer"), "is_inside", "arriving")
        self.gradients = dict[int, str]()
        for state, index in enumerate(plan.results):
            self.add(index, text.assign("carried_0 + arriving") if state == 0 else f"carried_{state}")
        self.products = list[tuple[str, int, str]]()
        self.transposed = {"0": text.assign(f"tl.trans({self.load_inputs()})")}
        for index in reversed(range(len(plan.nodes))):
            if index in self.gradients:
                self.through(index, self.gradients[index])
        leaves = {node.place[0]: index for index, node in enumerate(plan.nodes) if node.operation == "state"}
        totals = [self.to_state(state, leaves[state]) for state in range(len(plan.results))]
        for state, total in enumerate(totals):
            text.assign(f"tl.where(step % truncation == 0, 0.0, {total})", f"carried_{state}")
        with text.block("if TO_INPUTS"):
            total = text.sum(self.through_matrix("0"))
            text.store(total, self.input_place("input_gradient"), "is_feature[:, None] & is_sequence[None, :]")

    def add(self, index: int, gradient: str) -> None:
        """Add to the gradient by a node."""
        known = self.gradients.get(index)
        self.gradients[index] = self.text.add(known, gradient) if known else gradient

    def through(self, index: int, gradient: str) -> None:
        """From the gradient by a node to those by what it is made of."""
        node, text = self.plan.nodes[index], self.text
        if node.operation in DERIVATIVES:
            needed = self.plan.for_derivative(index)
            # What the derivative does not need was not kept; anything stands in its place.
            values = [self.value(i) if i in needed else gradient for i in (index, *node.operands)]
            by_operands = DERIVATIVES[node.operation](text, gradient, *values)
            for operand, by_operand in zip(node.operands, by_operands, strict=True):
                self.add(operand, by_operand)
        elif node.operation == "weight":
            name = f"sum_{self.weights.of_unit(node.place[0])}"
            text.assign(f"{name} + {text.select('is_inside', gradient)}", name)
        elif node.operation == "block":
            self.through_block(node.place[0], text.select("is_inside", gradient))
        elif node.operation == "product":
            (number, block), vector = node.place, node.operands[0]
            tensor, product = self.weights.own_matrix(number), text.select("is_inside", gradient)
            if tensor not in self.transposed:
                self.transposed[tensor] = text.assign(f"tl.trans({self.vector(vector)})")
            self.add_outer_product(tensor, block, product)
            self.add(vector, text.product(self.weights.block_of(tensor, block), product))

    def through_block(self, block: int, gradient: str) -> None:
        """The gradient by a block, to bias and matrices; `to_state` and the inputs come when all blocks are known."""
        text = self.text
        text.assign(f"bias_{block} + {gradient}", f"bias_{block}")
        self.add_outer_product("0", block, gradient)
        self.products.append(("0", block, gradient))
        if self.plan.is_recurrent:
            if "2" not in self.transposed:
                self.transposed["2"] = text.assign(f"tl.trans({self.before(0)})")
            self.add_outer_product("2", block, gradient)
            self.products.append(("2", block, gradient))

    def add_outer_product(self, tensor: str, block: int, gradient: str) -> None:
        """Add a step's outer products, summed over the group, to the gradient by a block of rows."""
        name = f"sum_{tensor}_{block}"
        self.text.assign(f"{name} + {self.text.product(f'tl.trans({gradient})', self.transposed[tensor])}", name)

    def through_matrix(self, tensor: str) -> list[str]:
        """What the blocks' gradients give through a matrix."""
        parts = [(block, gradient) for matrix, block, gradient in self.products if matrix == tensor]
        return [self.text.product(self.weights.block_of(tensor, block), gradient) for block, gradient in parts]

    def to_state(self, state: int, leaf: int) -> str:
        """The gradient by a state before the step."""
        parts = [self.gradients[leaf]] if leaf in self.gradients else []
        parts += self.through_matrix("2") if state == 0 else []
        return self.text.sum(parts) if parts else self.text.fill(self.tile)

    # Values

    def before(self, state: int) -> str:
        """A state before the step."""
        leaf = next(i for i, node in enumerate(self.plan.nodes) if (node.operation, node.place) == ("state", (state,)))
        return self.value(leaf)

    def read(self, index: int) -> str:
        node = self.plan.nodes[index]
        if node.operation == "state":
            return self.text.load(self.kept_place(node.place[0], "(step - 1)"), "step > 0")
        if index in self.plan.kept or index in self.plan.results:
            return self.text.assign(f"tl.load({self.kept_place(self.slot(index))})")
        return super().read(index)

    # After the first step

    def end(self) -> None:
        layout, text = self.layout, self.text
        start = text.assign(f"gradients + program * {layout.weights}", "own")
        for tensor, matrix in self.weights.matrices.items():
            column = "feature" if tensor == "0" else "unit"
            for block in self.weights.blocks_of(tensor):
                rows = f"({block * layout.units} + unit[:, None]) * {matrix.columns}"
                place = f"{start} + {matrix.start} + {rows} + {column}[None, :]"
                text.store(f"sum_{tensor}_{block}", place, f"is_unit[:, None] & is_{column}[None, :]")
        places = {f"bias_{block}": layout.bias + block * layout.units for block in range(self.plan.blocks)}
        for weight in range(len(self.plan.graph.weights)):
            places[f"sum_{self.weights.of_unit(weight)}"] = layout.unit_weights + weight * layout.units
        for name, first in places.items():
            text.store(f"tl.sum({name}, 1)", f"{start} + {first} + unit", "is_unit")
