#!/usr/bin/env python3
"""Percept's 256 px thumbnails beside PIL's, of the same JPEGs, one thread each, in interleaved rounds of one run.

    python3 tests/bench/thumbnails_against_pil.py build/release/bench-bin/thumbnail_bench [PICTURES] [--count 40] [--rounds 7]

Needs PIL (Debian: python3-pil). PICTURES is a folder with photographs; each is cut and scaled to 1920 x 1080 first, because
that is what the budget speaks of (--as-they-are takes them unchanged). Without it pictures are drawn. Prints one JSON
document; `times_faster` is the ratio of the medians (DESIGN 8: >= 1.8)."""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

from PIL import Image, ImageChops, ImageFilter, ImageOps

SIZE = (1920, 1080)


def drawn(seed):
    """Blurred blobs under grain: about as many bytes as a photograph."""
    rng = random.Random(seed)
    small = Image.frombytes("RGB", (48, 27), rng.randbytes(48 * 27 * 3))
    grain = Image.frombytes("L", SIZE, rng.randbytes(SIZE[0] * SIZE[1])).filter(ImageFilter.GaussianBlur(1.5))
    return ImageChops.overlay(small.resize(SIZE, Image.BICUBIC), Image.merge("RGB", (grain,) * 3))


def pictures(args, folder):
    files = sorted(p for p in pathlib.Path(args.pictures).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg")) if args.pictures else []
    if args.pictures and not files:
        raise SystemExit(f"{args.pictures} holds no JPEGs.")
    if args.as_they_are:
        return [str(p) for p in files[:args.count]]
    made = []
    for i in range(args.count):
        picture = ImageOps.fit(Image.open(files[i % len(files)]).convert("RGB"), SIZE) if files else drawn(i)
        made.append(f"{folder}/{i}.jpg")
        picture.save(made[-1], quality=88)
    return made


def pil_seconds(files):
    start = time.perf_counter()
    for file in files:
        with Image.open(file) as picture:
            picture.thumbnail((256, 256))  # decodes at reduced scale by itself
            picture.convert("RGB").load()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("pictures", nargs="?")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--as-they-are", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = pictures(args, folder)
        ours, theirs = [], []
        for _ in range(args.rounds + 1):
            out = subprocess.run([args.bench, "1", *files], check=True, capture_output=True, text=True).stdout
            ours += json.loads(out)["seconds"]
            theirs.append(pil_seconds(files))
        kib = sum(pathlib.Path(f).stat().st_size for f in files) / 1024 / len(files)
    ours, theirs = ours[1:], theirs[1:]  # the first round reads the files
    print(json.dumps({
        "pictures": len(files), "mean_kib": round(kib, 1),
        "percept_per_second": [round(len(files) / s, 1) for s in ours], "pil_per_second": [round(len(files) / s, 1) for s in theirs],
        "times_faster": round(statistics.median(theirs) / statistics.median(ours), 3),
        "rounds": [round(b / a, 3) for a, b in zip(ours, theirs)]}, indent=1))


if __name__ == "__main__":
    main()
