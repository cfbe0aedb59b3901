import numpy as np
import pytest
from PIL import Image

from sngan.sampling.film_files import read_frames, write_film


@pytest.fixture
def frames():
    """Three that differ, with odd sides."""
    rows = np.linspace(0, 200, 31, dtype=np.uint8)[:, None, None]
    flat = np.zeros((31, 45, 3), np.uint8)
    return [flat + rows + np.uint8(step) for step in (0, 25, 50)]


@pytest.mark.parametrize(("form", "tolerance"), [("gif", 12), ("webp", 0)])
def test_pillow_reads_back_what_was_shown_and_for_how_long(tmp_path, frames, form, tolerance):
    path = tmp_path / "new" / f"a.{form}"
    write_film(path, form, iter(frames), fps=10, held=5)
    with Image.open(path) as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (3, (45, 31), 0)
        durations = []
        for number, frame in enumerate(frames):
            film.seek(number)
            shown = np.asarray(film.convert("RGB")).astype(int)
            durations.append(film.info["duration"])
            assert abs(shown - frame).max() <= tolerance
    assert durations == [100, 100, 500]


def test_a_video_has_even_sides_and_holds_its_last_frame(tmp_path, frames):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "a.mp4"
    write_film(path, "mp4", frames, fps=10, held=4)
    reader = imageio_ffmpeg.read_frames(path)
    about = next(reader)
    assert (about["size"], about["fps"], about["codec"]) == ((46, 32), 10, "h264")
    shown = [np.frombuffer(frame, np.uint8).reshape(32, 46, 3) for frame in reader]
    assert len(shown) == 6
    for picture, number in zip(shown, [0, 1, 2, 2, 2, 2], strict=True):
        assert abs(picture[:31, :45].astype(int) - frames[number]).mean() < 6
    assert not list(tmp_path.glob(".*"))


def test_frames_are_of_one_size(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, size in zip(paths, [(4, 2), (4, 3)], strict=True):
        Image.new("RGB", size).save(path)
    assert read_frames(paths[:1])[0].shape == (2, 4, 3)
    with pytest.raises(ValueError, match=r"of one size, .*a.png is 4 x 2 and .*b.png 4 x 3"):
        read_frames(paths)
    paths[1].write_text("no picture")
    with pytest.raises(ValueError, match=r"b.png is not a picture that can be read"):
        read_frames(paths)
