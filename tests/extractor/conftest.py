"""The Inception network with random weights, which the reference programs read as well."""

import hashlib

import pytest

from sngan.extractor.inception import Inception


@pytest.fixture(scope="package")
def build_inception(inception_weights):
    """Build our network on those weights."""

    def build(**settings):
        digest = hashlib.sha256(inception_weights.read_bytes()).hexdigest()
        return Inception(str(inception_weights), sha256=digest, **settings)

    return build


@pytest.fixture(scope="package")
def extractor(build_inception):
    return build_inception()
