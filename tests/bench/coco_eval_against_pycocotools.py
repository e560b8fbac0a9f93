#!/usr/bin/env python3
"""Percept's COCO evaluation beside pycocotools, on the same boxes, in interleaved rounds of one run.

    PYTHONPATH=build/deps/witness python3 tests/bench/coco_eval_against_pycocotools.py build/release/bench-bin/coco_eval_bench
        [--images 5000] [--detections 500000] [--truths 36000] [--classes 80] [--rounds 3]

Prints one JSON document: seconds of each round, the ratio of the medians (evaluation alone, without loading), the largest
difference among the twelve numbers, peak memory of both. pycocotools needs about 20 s and 0.5 GiB per 100,000 detections."""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "core" / "evaluation"))
import make_fixture  # noqa: E402


def make_images(args):
    rng = np.random.default_rng(args.seed)
    per_image = args.detections // args.images
    for item in range(1, args.images + 1):
        count = rng.poisson(args.truths / args.images)
        side = np.exp(rng.uniform(np.log(8), np.log(300), (count, 2)))
        boxes = np.round(np.hstack([rng.uniform(0, 340, (count, 2)), side]), 2)
        labels = rng.integers(args.classes, size=count)
        truths = [[int(c), *map(float, b), int(rng.random() < 0.01)] for c, b in zip(labels, boxes)]
        detections = []
        for label, box in zip(labels, boxes):
            if rng.random() < 0.75:
                jitter = rng.normal(0, 0.1, 4) * np.tile(box[2:], 2)
                d = np.round(np.append(box[:2] + jitter[:2], np.maximum(box[2:] + jitter[2:], 2)), 2)
                detections.append([int(label), round(float(rng.beta(4, 2)), 4), *map(float, d)])
        rest = max(per_image - len(detections), 0)
        side = np.exp(rng.uniform(np.log(8), np.log(300), (rest, 2)))
        boxes = np.round(np.hstack([rng.uniform(0, 340, (rest, 2)), side]), 2)
        scores = np.round(rng.beta(1, 5, rest), 4)
        detections += [[int(c), float(s), *map(float, b)]
                       for c, s, b in zip(rng.integers(args.classes, size=rest), scores, boxes)]
        yield {"item": item, "group": 0, "name": f"{item}.jpg", "width": 640, "height": 640, "truths": truths,
               "detections": detections[:max(per_image, 1)]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--detections", type=int, default=500_000)
    parser.add_argument("--truths", type=int, default=36_000)
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        lines, out = os.path.join(folder, "predictions.jsonl"), os.path.join(folder, "peer.json")
        with open(lines, "w", encoding="utf-8") as f:
            for image in make_images(args):
                f.write(json.dumps(image, separators=(",", ":")) + "\n")
        ours, peers = [], []
        for _ in range(args.rounds):
            ours.append(json.loads(subprocess.run([args.bench, lines, str(args.classes), "3"], check=True,
                                                  capture_output=True, text=True).stdout))
            subprocess.run([sys.executable, make_fixture.__file__, out, "--score", lines, str(args.classes)], check=True)
            with open(out, encoding="utf-8") as f:
                peers.append(json.load(f))
    own = [statistics.median(o["seconds"]) for o in ours]
    peer = [p["seconds"] for p in peers]
    print(json.dumps({
        "images": ours[0]["images"], "truths": ours[0]["truths"], "detections": ours[0]["detections"],
        "percept_seconds": own, "pycocotools_seconds": peer,
        "times_faster": statistics.median(peer) / statistics.median(own),
        "largest_difference": max(abs(a - b) for a, b in zip(ours[0]["stats"], peers[0]["stats"])),
        "percept_load_seconds": ours[0]["load_seconds"], "pycocotools_load_seconds": peers[0]["load_seconds"],
        "percept_peak_mib": ours[0]["peak_kib"] / 1024,
        "pycocotools_peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "page": {"slider_ms_median": 1e3 * statistics.median(ours[0]["page"]["slider_seconds"]),
                 "slider_ms_worst": 1e3 * max(ours[0]["page"]["slider_seconds"]),
                 "cheapest_thresholds_ms": 1e3 * ours[0]["page"]["cheapest_thresholds_seconds"],
                 "bootstrap_2000_s": ours[0]["page"]["bootstrap_2000_seconds"]},
        "stats": ours[0]["stats"]}, indent=1))


if __name__ == "__main__":
    main()
