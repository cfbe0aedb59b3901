"""Reads what W&B writes offline: records in blocks, as LevelDB's logs have them."""

import json
import struct

from wandb.proto import wandb_internal_pb2

BLOCK, HEAD = 32768, 7
FULL, FIRST, LAST = 1, 2, 4


def records(path):
    """Yield every record of a ``.wandb`` file."""
    data, at, whole = path.read_bytes(), HEAD, b""
    while at + HEAD <= len(data):
        if BLOCK - at % BLOCK < HEAD:
            at += BLOCK - at % BLOCK  # What no head fits in is padding.
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + HEAD])
        part = data[at + HEAD : at + HEAD + length]
        whole = part if kind in (FULL, FIRST) else whole + part
        at += HEAD + length
        if kind in (FULL, LAST):
            yield wandb_internal_pb2.Record.FromString(whole)


def history(path):
    """Return the values of a file by step, in order."""
    entries = []
    for record in records(path):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            values = {
                item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items
            }
            entries.append((values["_step"], values))
    return entries
