#!/usr/bin/env python3
"""What a detector trained by Percept reaches on a set of pictures, through the command line alone.

    python3 tests/bench/detection_accuracy.py build/release/bin DATA [--work DIR] [--time-limit 15] [--epochs 16]
        [--seeds 0 1 2] [--sets validation test] [--join PICTURES]

DATA is what `percept import` takes (VOC, COCO), best with its own split. First one run with the time limit and the first
seed, then one of fixed length per seed; 0 leaves a kind out. Every run is scored on each set once, after all of them are
trained. Prints one JSON document: for each run its seconds, epochs, pictures per second and its AP, AP50, AP75 with their
95 % intervals; for the fixed length the mean and standard deviation over seeds. Nothing else should run meanwhile: a time
limit is only as good as the machine is quiet.

--join trains on the training and validation pictures together, as one does once nothing is left to choose: all but PICTURES
of the validation set (evenly spread by name), which stay there because a training needs some to set thresholds by. DATA must be
a VOC set with ImageSets."""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

METRICS = ("map50", "map", "map75")


def percept(bin_folder, *args):
    done = subprocess.run([bin_folder / "percept", *map(str, args), "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"percept {' '.join(map(str, args))} ended with {done.returncode}: {done.stdout.decode(errors='replace')}")
    return json.loads(done.stdout)


def names(data, name):
    return sorted((data / "ImageSets" / "Main" / f"{name}.txt").read_text().split())


def joined(data, work, kept):
    """The VOC set `data` with validation pictures moved to its training set, all but `kept`; pictures and boxes are links."""
    validation = names(data, "val")
    if not 1 <= kept < len(validation):
        sys.exit(f"--join must leave 1 to {len(validation) - 1} validation pictures")
    stay = {validation[i * len(validation) // kept] for i in range(kept)}
    folder = work / "joined"
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    for part in ("Annotations", "JPEGImages"):
        (folder / part).symlink_to((data / part).resolve())
    sets = {"train": names(data, "train") + [n for n in validation if n not in stay], "val": sorted(stay), "test": names(data, "test")}
    for name, members in sets.items():
        (folder / "ImageSets" / "Main" / f"{name}.txt").write_text("\n".join(members) + "\n")
    return folder


def train(args, project, seed, length):
    before = time.monotonic()
    run = percept(args.bin, "train", project, "--recipe", "full", "--seed", seed, *length)["run"]
    plan = json.loads((project / "runs" / run / "config.json").read_text())["plan"]
    seconds = time.monotonic() - before
    return {"run": run, "seed": seed, "length": " ".join(map(str, length)), "seconds": round(seconds, 1),
            "epochs": round(plan["stages"][-1]["steps"] / plan["stepsPerEpoch"], 2), "canvas": plan["canvas"],
            "steps": plan["stages"][-1]["steps"]}


def score(args, project, entry):
    for name in args.sets:
        result = percept(args.bin, "evaluate", project, "--run", entry["run"], "--set", name)
        entry[name] = {m: [round(result["metrics"][m][k], 4) for k in ("value", "low", "high")] for m in METRICS}
        entry[name]["per_class"] = result["per_class"]
        print(entry["run"], entry["length"], "seed", entry["seed"], name, entry[name]["map50"], entry[name]["map"], file=sys.stderr)


def spread(entries, name):
    values = {m: [e[name][m][0] for e in entries] for m in METRICS}
    return {m: {"mean": round(statistics.mean(v), 4), "sd": round(statistics.stdev(v), 4) if len(v) > 1 else None, "each": v}
            for m, v in values.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--time-limit", type=float, default=15)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sets", nargs="+", default=["validation", "test"])
    parser.add_argument("--join", type=int, metavar="PICTURES")
    args = parser.parse_args()
    work = args.work or pathlib.Path(tempfile.mkdtemp(prefix="percept-accuracy-"))
    work.mkdir(parents=True, exist_ok=True)
    project = work / "accuracy.percept"
    percept(args.bin, "new", project, "--task", "detection")
    imported = percept(args.bin, "import", project, joined(args.data, work, args.join) if args.join else args.data)
    entries = []
    if args.time_limit:
        entries.append(train(args, project, args.seeds[0], ("--time-limit", args.time_limit)))
    fixed = [train(args, project, seed, ("--epochs", args.epochs)) for seed in (args.seeds if args.epochs else [])]
    for entry in entries + fixed:
        score(args, project, entry)
    result = {"project": str(project), "items": imported["items"], "runs": entries + fixed}
    if fixed:
        result["fixed_length"] = {name: spread(fixed, name) for name in args.sets}
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
