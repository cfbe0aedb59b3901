"""What ``sngan-train`` says at the end of trainings, and with which code it ends."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sngan.commands.run_dir import resume_command
from sngan.run_folder.folder import RunFolder
from sngan.system.interruption import EXIT_SIGNAL

if TYPE_CHECKING:
    from sngan.assembly.run import End, Job


def finish(ends: "Mapping[Job, End | Exception]", folder: RunFolder) -> None:
    """Say how trainings ended, and what to do with them.

    Args:
        ends: How each ended.
        folder: Of the run.

    Raises:
        SystemExit: If a signal came.
        Exception: That of the first that failed.
    """
    finished = {job: end for job, end in ends.items() if not isinstance(end, Exception)}
    for job, end in finished.items():
        _report_end(end, job)
    failed = {job: end for job, end in ends.items() if isinstance(end, Exception)}
    for job, error in [*failed.items()][1:]:
        print(f"{job.label}: {error}", file=sys.stderr)
    for error in failed.values():
        raise error
    if any(end.interrupted for end in finished.values()):
        from sngan.commands.advice import trust_words

        ends_of = ((end.checkpoint, job.settings) for job, end in finished.items())
        trust = {word for end in ends_of for word in trust_words(*end)}
        print(f"continue with: {resume_command(folder, *trust)}", file=sys.stderr)
    if signals := [end.signal for end in finished.values() if end.signal is not None]:
        raise SystemExit(EXIT_SIGNAL + max(signals))  # Who started several is to start no more.


def _report_end(end: "End", job: "Job") -> None:
    from sngan.commands.advice import inception_advice, sample_command, score_command

    if end.interrupted:
        print(f"interrupted at step {end.step}, saved {end.checkpoint}", file=sys.stderr)
        return
    print(f"finished {end.step} steps in {job.folder}")
    about = end.checkpoint, job.settings, end.num_pictures
    if end.best is not None:
        by = ((job.settings["monitor"] or {}).get("scores") or {}).get("extractor")
        best = score_command(*about, str(job.folder), "--best", by=by)
        print(f"best: {end.best}: {best}")
    print(f"sample it with: {sample_command(end.checkpoint, job.settings, str(job.folder))}")
    if (first := inception_advice()) is not None:
        print(f"for FID and Inception score, once: {first}")
    print(f"score it with: {score_command(*about)}")
