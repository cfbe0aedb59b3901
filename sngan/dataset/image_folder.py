"""Any folder of pictures."""

from PIL.Image import Image

from sngan.dataset.parts.fit import fit, weigh
from sngan.dataset.parts.folder_dataset import FolderDataset
from sngan.system.declared import Classes, ImageChannels, PathText, Pixels, checked


class ImageFolder(FolderDataset):
    """Pictures of any size; sub-folders are classes.

    A picture of another size is scaled so that its shorter side is ``image_size`` (bilinear,
    antialiased) and cropped at the centre.

    Args:
        root: See `FolderDataset`.
        image_size: See `FolderDataset`.
        test_root: See `FolderDataset`.
        n_classes: See `FolderDataset`.
        cache: See `FolderDataset`.
        verify: See `FolderDataset`.
        channels: See `FolderDataset`.
    """

    @checked
    def __init__(
        self,
        root: PathText,
        image_size: Pixels = 32,
        test_root: PathText | None = None,
        n_classes: Classes | None = None,
        cache: PathText | None = None,
        verify: bool = True,
        channels: ImageChannels = 3,
    ) -> None:
        super().__init__(root, test_root, image_size, n_classes, cache, verify, channels)

    def weigh(self, width: int, height: int) -> int:
        """See `FolderDataset.weigh`; nothing is too small."""
        return weigh(width, height, self.image_size)

    def prepare(self, picture: Image) -> Image:
        """See `FolderDataset.prepare`."""
        return fit(picture, self.image_size)
