import hashlib

from sngan.system import safe_load


def test_digest_does_not_depend_on_the_pieces(tmp_path, monkeypatch):
    data = bytes(range(256)) * 5
    (tmp_path / "file").write_bytes(data)
    for piece in (1, 7, 2**24):
        monkeypatch.setattr(safe_load, "PIECE", piece)
        assert safe_load.sha256_of(tmp_path / "file") == hashlib.sha256(data).hexdigest()
