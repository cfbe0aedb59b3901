"""Files that lose a bit, a page or their end: refused, or read as what was written."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from scripts.torture.commands import Place
from scripts.torture.compare import are_same
from scripts.torture.small import run_with_everything, statistics_of
from scripts.torture.tally import Tally
from scripts.torture.trainings import CONFIGS
from sngan.run_folder import checkpoint
from sngan.scoring.reference import read_reference
from sngan.system.files import load_json
from sngan.system.safe_load import DamagedError

PAGE = 4096
PER_COMMAND = 200
"""So many files are read in this process for one that is given to a command."""
Read = Callable[[Path], Any]
Outcome = Literal["refused", "harmless", "read as something else"]


def flipped(content: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield some bytes with one bit changed, each another."""
    for place in random.Random(seed).sample(range(8 * len(content)), count):
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)


def zeroed(content: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield some bytes with one page lost, each another; there may be fewer pages than wanted."""
    begins = range(0, len(content), PAGE)
    for begin in random.Random(seed).sample(begins, min(count, len(begins))):
        lost = content[begin : begin + PAGE]
        yield content[:begin] + bytes(len(lost)) + content[begin + PAGE :]


def cut(content: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield some bytes without their end, each of another length."""
    for length in random.Random(seed).sample(range(len(content)), min(count, len(content))):
        yield content[:length]


WAYS: dict[str, Callable[[bytes, int, int], Iterator[bytes]]] = {
    "a bit flipped": flipped,
    "a page zeroed": zeroed,
    "cut short": cut,
}


def outcome_of(path: Path, read: Read, expected: object, content: bytes) -> Outcome:
    """Tell what becomes of a file with such a content.

    Raises:
        Exception: If it is refused, but not for being damaged.
    """
    path.write_bytes(content)
    try:
        loaded = read(path)
    except DamagedError:
        return "refused"
    return "harmless" if are_same(loaded, expected) else "read as something else"


@dataclass(frozen=True)
class Victim:
    """A kind of file to damage.

    Attributes:
        path: One that is whole.
        read: How sngan reads it.
    """

    path: Path
    read: Read


def run(place: Place, count: int) -> Tally:
    """Damage files of all kinds in all ways, and have them read.

    Args:
        place: Where.
        count: Files, each damaged in another way, or fewer where there are no more ways; a few
            more are given to commands.
    """
    tally = Tally()
    found = victims(place)
    each = -(-count // (len(found) * len(WAYS)))
    for name, victim in found.items():
        for way in WAYS:
            _damage(place, name, victim, way, each, tally)
    _commands(place, -(-count // PER_COMMAND), tally)
    return tally


def victims(place: Place) -> dict[str, Victim]:
    """Return a file of each kind that carries a checksum, made by the real commands."""
    folder = run_with_everything(place)
    return {
        "checkpoints": Victim(max(folder.glob("checkpoints/*.pt")), checkpoint.load),
        "JSON": Victim(_sheet(place, folder), _json_reader(_sheet(place, folder))),
        "statistics": Victim(statistics_of(place), _statistics),
    }


def _damage(place: Place, name: str, victim: Victim, way: str, count: int, tally: Tally) -> None:
    content = victim.path.read_bytes()
    expected = victim.read(victim.path)
    damaged = place.scratch / f"damaged{victim.path.suffix}"
    for changed in WAYS[way](content, min(count, 8 * len(content)), place.random.getrandbits(32)):
        if changed == content:  # Some pages are zero already.
            continue
        try:
            outcome: str = outcome_of(damaged, victim.read, expected, changed)
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        said = f"{name}, {way}"
        tally.count(said)
        tally.count(f"{said}: refused", outcome == "refused")
        tally.count(f"{said}: harmless", outcome == "harmless")
        if outcome not in ("refused", "harmless"):
            tally.broken.append(place.keep(damaged, f"{said}: {outcome}"))


def _commands(place: Place, count: int, tally: Tally) -> None:
    """Give damaged checkpoints to the commands that read them."""
    folder = run_with_everything(place)
    whole = max(folder.glob("checkpoints/*.pt"))
    before = whole.read_bytes()
    each = (way(before, count, place.random.getrandbits(32)) for way in WAYS.values())
    contents = (
        content for content in chain.from_iterable(zip(*each, strict=False)) if content != before
    )
    programs = (("sngan-train", "resume={}"), ("sngan-analyze", "{}"), ("sngan-eval", "{}"))
    for number, content in enumerate(islice(contents, count)):
        name, word = programs[number // len(WAYS) % len(programs)]  # Each in each way.
        copy = shutil.copytree(folder, place.scratch / f"copy {number}")
        newest = copy / whole.relative_to(folder)
        newest.write_bytes(content)
        ended = place.run([name, word.format(newest if name != "sngan-train" else f"'{newest}'")])
        is_said = ended.errors.startswith(f"error: {newest} ") and ended.errors.count("\n") == 1
        tally.count("checkpoints given to commands")
        if ended.code == 2 and is_said and newest.read_bytes() == content:
            tally.count("checkpoints given to commands: refused")
        else:
            tally.broken.append(place.keep(copy, f"{name}: {ended.said}"))
        shutil.rmtree(copy)


def _sheet(place: Place, folder: Path) -> Path:
    """Return a file of scores."""
    found = sorted(folder.glob("checkpoints/*.colours.*.json"))
    if not found:
        words = (f"--config-dir={CONFIGS}", "extractor=torture_colours", "protocol=smoke")
        place.run_well(["sngan-eval", folder, *words])
        return _sheet(place, folder)
    return found[0]


def _json_reader(path: Path) -> Read:
    """Return what reads it; a key by another name than ``checksum`` changes no other value."""
    keys = [*load_json(path, dict)]

    def read(file: Path) -> dict[str, str]:
        found = load_json(file, dict)
        return {key: json.dumps(found[key]) for key in keys if key in found}

    return read


def _statistics(path: Path) -> dict[str, Any]:
    found = read_reference(path)
    return {key: getattr(found, key) for key in ("mean", "covariance", "features", "meta")}
