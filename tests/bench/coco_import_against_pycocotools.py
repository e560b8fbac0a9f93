#!/usr/bin/env python3
"""`percept import` of a COCO set beside pycocotools' loading of the same file, in interleaved rounds of one run.

    PYTHONPATH=build/deps/witness python3 tests/bench/coco_import_against_pycocotools.py build/release/bin/percept
        [--images 5000] [--boxes 36000] [--rounds 5] [--nightly] [--json FILE --media FOLDER]

Default: as many pictures and boxes as COCO's val2017, with polygons; --nightly: as train2017 (118,000 and 860,000). Percept's
time is that of the whole program: start, parsing, a look at every picture with its sha256, committed and indexed on disk.
pycocotools' is that of `COCO(file)` alone: parsing and indexing in memory, without the start of Python. Pictures are hard
links to a few small JPEGs (drawn with PIL; Debian: python3-pil), so that the disk is not what is measured; --json takes a real
set. Memory is VmHWM of the very process that parses; that of the decoders that Percept starts beside it is told apart.
(Not ru_maxrss: a child begins with that of its parent at the fork, and this script holds the whole set when it writes it.)
Prints one JSON document;
`time_ratio` and `memory_ratio` are of the medians (DESIGN 8: <= 0.40 and <= 0.30 at the size of train2017)."""
import argparse
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SIZES = [(640, 480), (480, 640), (640, 427), (500, 375)]
LOAD = """
import contextlib, io, json, sys, time
from pycocotools.coco import COCO
start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(sys.argv[1])
seconds = time.perf_counter() - start
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(json.dumps({"seconds": seconds, "peak_mib": peak / 1024, "images": len(coco.imgs), "boxes": len(coco.anns)}))
"""


def write_set(folder, args):
    """As instances_val2017.json has it: keys, digits, polygons of 5 to 60 corners."""
    from PIL import Image
    rng = random.Random(args.seed)
    media = os.path.join(folder, "val2017")
    os.makedirs(media)
    for i, size in enumerate(SIZES):
        Image.effect_noise(size, 20).convert("RGB").save(os.path.join(folder, f"{i}.jpg"), quality=30)
    images, annotations = [], []
    for i in range(args.images):
        kind = rng.randrange(len(SIZES))
        width, height = SIZES[kind]
        name = f"{i + 1:012d}.jpg"
        os.link(os.path.join(folder, f"{kind}.jpg"), os.path.join(media, name))
        images.append({"license": 1 + i % 8, "file_name": name, "coco_url": f"http://images.cocodataset.org/val2017/{name}",
                       "height": height, "width": width, "date_captured": "2013-11-14 17:02:52",
                       "flickr_url": f"http://farm7.staticflickr.com/6116/{i}_02bbd90dad_z.jpg", "id": i + 1})
    for i in range(args.boxes):
        image = images[rng.randrange(len(images))]
        w, h = rng.uniform(4, image["width"] / 2), rng.uniform(4, image["height"] / 2)
        x, y = rng.uniform(0, image["width"] - w), rng.uniform(0, image["height"] - h)
        outline = [round(v, 2) for _ in range(rng.randrange(5, 60)) for v in (x + rng.random() * w, y + rng.random() * h)]
        annotations.append({"segmentation": [outline], "area": round(w * h * 0.6, 4), "iscrowd": 0, "image_id": image["id"],
                            "bbox": [round(v, 2) for v in (x, y, w, h)], "category_id": rng.randrange(1, 81), "id": 100000 + i})
    rng.shuffle(annotations)
    path = os.path.join(folder, "instances_val2017.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"info": {"year": 2017}, "licenses": [], "images": images, "annotations": annotations,
                   "categories": [{"supercategory": "thing", "id": i, "name": f"class {i}"} for i in range(1, 81)]}, f)


def peak_kib(pid):
    """VmHWM of a process; 0 when it has gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def children_of(pid):
    """Every thread's: Linux lists them by the thread that started them."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as children:
                found += children.read().split()
    except OSError:
        pass
    return found


def watch_peaks(pid, peaks, ended):
    """VmHWM only grows, so the last look before the end counts; it cannot be read afterwards."""
    while not ended.wait(0.02):
        for one in [str(pid), *children_of(pid)]:
            peaks[one] = max(peaks.get(one, 0), peak_kib(one))


def measured(command):
    """(standard output, seconds, peak MiB, peak MiB of its children together, processor seconds) of a program."""
    start = time.perf_counter()
    peaks, ended = {}, threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        watcher = threading.Thread(target=watch_peaks, args=(process.pid, peaks, ended))
        watcher.start()
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {out}")
    own = peaks.pop(str(process.pid), 0)
    return out, seconds, own / 1024, sum(peaks.values()) / 1024, usage.ru_utime + usage.ru_stime


def write_set_apart(folder, args):
    """In a process of its own, so that what it holds does not crowd what is measured."""
    writer = multiprocessing.Process(target=write_set, args=(folder, args))
    writer.start()
    writer.join()
    if writer.exitcode != 0:
        raise SystemExit("The set could not be written.")
    return os.path.join(folder, "instances_val2017.json"), os.path.join(folder, "val2017")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("percept")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--boxes", type=int, default=36_000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--media")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.nightly:
        args.images, args.boxes = 118_000, 860_000
    rounds = args.rounds or (1 if args.nightly else 5)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        path, media = (args.json, args.media) if args.json else write_set_apart(folder, args)
        for i in range(rounds):
            project = os.path.join(folder, f"round{i}.percept")
            subprocess.run([args.percept, "new", project, "--task", "detection"], check=True, stdout=subprocess.DEVNULL)
            command = [args.percept, "import", project, path, "--json"] + (["--media", media] if media else [])
            out, seconds, mib, decoders, cpu = measured(command)
            ours.append({"seconds": seconds, "processor_seconds": cpu, "peak_mib": mib, "decoders_mib": decoders, **json.loads(out)})
            theirs.append(json.loads(subprocess.run([sys.executable, "-c", LOAD, path], check=True, stdout=subprocess.PIPE).stdout))
        megabytes = os.path.getsize(path) / 1e6

    def median(rows, key):
        return statistics.median(row[key] for row in rows)

    print(json.dumps({
        "json_megabytes": round(megabytes, 1), "images": theirs[0]["images"], "boxes": theirs[0]["boxes"],
        "imported_items": ours[0]["items"], "imported_boxes": ours[0]["annotations"], "problems": len(ours[0]["problems"]),
        "percept_seconds": [round(r["seconds"], 3) for r in ours],
        "percept_processor_seconds": [round(r["processor_seconds"], 3) for r in ours],
        "pycocotools_seconds": [round(r["seconds"], 3) for r in theirs],
        "percept_peak_mib": round(median(ours, "peak_mib")), "decoders_peak_mib": round(median(ours, "decoders_mib")),
        "pycocotools_peak_mib": round(median(theirs, "peak_mib")),
        "time_ratio": round(median(ours, "seconds") / median(theirs, "seconds"), 3),
        "memory_ratio": round(median(ours, "peak_mib") / median(theirs, "peak_mib"), 3)}, indent=1))


if __name__ == "__main__":
    main()
