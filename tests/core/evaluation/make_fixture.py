#!/usr/bin/env python3
"""Random boxes with the numbers that pycocotools gives for them: the independent witness of core/evaluation.

    make_fixture.py OUT.json [--seed S] [--images N] [--classes C] [--detections D]   one JSON document
    make_fixture.py OUT.json --score IN.jsonl CLASSES    pycocotools' numbers for predictions-SET.jsonl lines

Needs numpy and pycocotools. The data are made nasty on purpose: equal scores, equal overlaps, boxes exactly on the area
bounds, crowds, more than 100 detections of a class on a picture, classes without truths, pictures without anything."""
import argparse
import contextlib
import io
import json
import time

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def random_box(rng, size):
    kind = rng.integers(4)
    if kind == 0:
        w, h = rng.uniform(4, 32, 2)
    elif kind == 1:
        w, h = rng.uniform(32, 96, 2)
    elif kind == 2:
        w, h = rng.uniform(96, size / 2, 2)
    else:
        w, h = rng.choice([16.0, 32.0, 64.0, 96.0]), rng.choice([16.0, 32.0, 64.0, 96.0])
    x, y = rng.uniform(0, size - w), rng.uniform(0, size - h)
    return [round(float(v), 2) for v in (x, y, w, h)]


def random_image(rng, item, classes, mean_detections):
    size = 640
    truths, detections = [], []
    for _ in range(rng.poisson(6)):
        box = random_box(rng, size)
        label = int(rng.integers(classes - 1)) if classes > 1 else 0  # the last class has no truths
        crowd = int(rng.random() < 0.06)
        area = round(box[2] * box[3] * float(rng.choice([1.0, 1.0, 0.6])), 2)  # as of a mask
        truths.append([label, *box, crowd, area])
        if rng.random() < 0.1:
            truths.append([label, *box, 0, area])  # a double: equal overlaps
        for _ in range(rng.integers(4)):
            jitter = rng.normal(0, 0.08, 4) * [box[2], box[3], box[2], box[3]]
            d = [round(float(b + j), 2) for b, j in zip(box, jitter)]
            d[2], d[3] = max(d[2], 1.0), max(d[3], 1.0)
            wrong = rng.random() < 0.1
            detections.append([int(rng.integers(classes)) if wrong else label, score(rng, 0.3), *d])
    while len(detections) < mean_detections:
        detections.append([int(rng.integers(classes)), score(rng, 0.0), *random_box(rng, size)])
    order = rng.permutation(len(detections))
    return {"item": item, "truths": truths, "detections": [detections[i] for i in order]}


def score(rng, low):
    return round(float(rng.uniform(low, 1.0)), 2)  # two digits: many ties


def stats(images, classes):
    annotations, results = [], []
    for image in images:
        for t in image["truths"]:
            annotations.append({"id": len(annotations) + 1, "image_id": image["item"], "category_id": t[0] + 1,
                                "bbox": t[1:5], "iscrowd": int(t[5]), "area": t[6] if len(t) > 6 else t[3] * t[4]})
        for d in image["detections"]:
            results.append({"image_id": image["item"], "category_id": d[0] + 1, "score": d[1], "bbox": d[2:6]})
    truth = COCO()
    truth.dataset = {"info": {}, "images": [{"id": i["item"]} for i in images], "annotations": annotations,
                     "categories": [{"id": c + 1, "name": str(c)} for c in range(classes)]}
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        start = time.perf_counter()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        loaded = time.perf_counter()
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        end = time.perf_counter()
    per_class = []
    for c in range(classes):
        p = evaluation.eval["precision"][:, :, c, 0, 2]
        per_class.append([float(p.mean()), float(p[0].mean()), float(p[5].mean())])
    return {"stats": [float(s) for s in evaluation.stats], "per_class": per_class, "seconds": end - loaded,
            "load_seconds": loaded - start}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--detections", type=int, default=20)
    parser.add_argument("--score", nargs=2, metavar=("IN", "CLASSES"))
    args = parser.parse_args()
    if args.score:
        classes = int(args.score[1])
        with open(args.score[0], encoding="utf-8") as f:
            images = [json.loads(line) for line in f if line.strip()]
        result = stats(images, classes)
    else:
        rng = np.random.default_rng(args.seed)
        images = [random_image(rng, i + 1, args.classes, args.detections) for i in range(args.images)]
        if args.images > 3:
            images[1] = {"item": 2, "truths": [], "detections": []}
            images[2]["detections"] += [[0, score(rng, 0.0), *random_box(rng, 640)] for _ in range(130)]
        result = {"classes": args.classes, "images": images, **stats(images, args.classes)}
        del result["seconds"], result["load_seconds"]  # the file is the same whenever it is made
    with open(args.out, "w", encoding="utf-8") as f:
        json.dump(result, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
