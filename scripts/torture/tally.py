"""What a part of the program counted, and what broke."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """The figures of one part; those of several rounds add up.

    Attributes:
        figures: How often what happened, in the order in which it is to be read.
        broken: A sentence for each broken promise, with the folder that shows it.
        details: Of each single kill, say: plain values, for programs.
    """

    figures: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    details: list[dict[str, object]] = field(default_factory=list)

    def count(self, name: str, times: int = 1) -> None:
        """Add to a figure, also nothing, so that it is there."""
        self.figures[name] = self.figures.get(name, 0) + times

    def add(self, other: "Tally") -> None:
        """Add the figures of another round."""
        for name, times in other.figures.items():
            self.count(name, times)
        self.broken += other.broken
        self.details += other.details
