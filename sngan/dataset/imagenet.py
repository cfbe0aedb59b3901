"""ImageNet (ILSVRC2012), from a folder that you have; it cannot be downloaded freely."""

from PIL.Image import Image

from sngan.dataset.parts.folder_dataset import FolderDataset
from sngan.dataset.parts.geometry import center_crop, resize
from sngan.dataset.parts.picture import UnusablePictureError
from sngan.system.declared import Classes, PathText, Pixels, checked
from sngan.system.require import SettingError


class ImageNet(FolderDataset):
    """Pictures large enough for a crop, cropped at the centre and scaled (bilinear, antialiased).

    The authors' sngan_projection takes those of at least 256 pixels on both sides and scales the
    crop of 256 pixels to 128.

    Args:
        root: See `FolderDataset`; one sub-folder per class.
        cache: See `FolderDataset`; 63 GB for all of ILSVRC2012 at 128 pixels.
        image_size: See `FolderDataset`.
        crop: Side of the crop in pixels, at least ``image_size``.
        test_root: See `FolderDataset`.
        n_classes: See `FolderDataset`.
        verify: See `FolderDataset`.

    Raises:
        ValueError: If the crop is smaller than the pictures.
    """

    @checked
    def __init__(
        self,
        root: PathText,
        cache: PathText,
        image_size: Pixels = 128,
        crop: Pixels = 256,
        test_root: PathText | None = None,
        n_classes: Classes | None = 1000,
        verify: bool = True,
    ) -> None:
        super().__init__(root, test_root, image_size, n_classes, cache, verify)
        if crop < image_size:
            raise SettingError("crop", f"must be >= image_size {image_size}, got {crop}")
        self.crop = crop

    def recipe(self) -> dict[str, object]:
        """See `FolderDataset.recipe`."""
        return {"crop": self.crop}

    def weigh(self, width: int, height: int) -> int:
        """See `FolderDataset.weigh`."""
        if min(width, height) < self.crop:
            raise UnusablePictureError("too small")
        return width * height

    def prepare(self, picture: Image) -> Image:
        """See `FolderDataset.prepare`."""
        return resize(center_crop(picture, self.crop), self.image_size, self.image_size)
