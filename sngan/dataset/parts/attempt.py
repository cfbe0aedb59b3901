"""Something done with each of many files, in threads; what fails is told apart."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sngan.dataset.parts.picture import UnusablePictureError, quiet
from sngan.system.allocator import ALLOCATOR
from sngan.system.progress import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 1024


def attempt(
    function: Callable[[Item], Result],
    paths: Sequence[Item],
    failed: Callable[[str, Item], None],
    description: str,
    ahead: int = AHEAD,
) -> Iterator[tuple[list[int], list[Result]]]:
    """Call a function with each file and yield what it returns, in order and in pieces.

    Args:
        function: Raises `UnusablePictureError` for files that are to be left out.
        paths: The files, or what else there is a picture for each of.
        failed: Called with the reason and the file, for each of those.
        description: What the progress is called.
        ahead: How many results to have at a time, which bounds memory.

    Yields:
        Positions in ``paths``, at least one, and the results.
    """
    attempted = partial(_result_or_reason, function)
    with ThreadPoolExecutor() as pool, Progress(description, len(paths)) as progress:
        for start in range(0, len(paths), ahead):
            here = paths[start : start + ahead]
            outcomes = []
            with quiet(), ALLOCATOR.returning_freed():
                for outcome in pool.map(attempted, here):
                    outcomes.append(outcome)
                    progress.update()
            found = {}
            for index, outcome in enumerate(outcomes):
                if isinstance(outcome, UnusablePictureError):
                    failed(str(outcome), here[index])
                else:
                    found[start + index] = outcome
            if found:
                yield list(found), list(found.values())


def _result_or_reason(
    function: Callable[[Item], Result], path: Item
) -> Result | UnusablePictureError:
    try:
        return function(path)
    except UnusablePictureError as error:
        return error
