"""What is noted while a candidate is fitted to a type: repairs with their costs, and problems."""

from kumeo_runtime.answers.tree import Node, shown

PROBLEMS_MAX = 5
"""How many problems a message names."""


class Notes:
    """The repairs and problems of one candidate."""

    def __init__(self) -> None:
        self.cost = 0
        self.flags: list[str] = []
        self.problems: list[str] = []
        self.is_cut = False
        """Whether something that is needed was cut off."""

    def repair(self, cost: int, flag: str) -> None:
        """Note a repair."""
        self.cost += cost
        if flag not in self.flags:
            self.flags.append(flag)

    def wrong(self, path: str, expected: str, node: Node) -> None:
        """Note that a node is not what is expected."""
        if node.is_cut:
            self.is_cut = True
            self.problem(path, f"expected {expected}, but it is cut off")
        else:
            self.problem(path, f"expected {expected}, not {shown(node)}")

    def problem(self, path: str, message: str) -> None:
        """Note a problem, with its place."""
        place = path.lstrip(".")
        self.problems.append(f"at {place}: {message}" if place else message)

    def take(self, other: "Notes") -> None:
        """Note what others have noted."""
        self.cost += other.cost
        for flag in other.flags:
            self.repair(0, flag)
        self.problems += other.problems
        self.is_cut = self.is_cut or other.is_cut

    @property
    def message(self) -> str:
        """The problems as one text."""
        named = "; ".join(self.problems[:PROBLEMS_MAX])
        more = len(self.problems) - PROBLEMS_MAX
        return f"{named}; and {more} more" if more > 0 else named
