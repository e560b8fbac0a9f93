"""usage: onnxruntime_rate.py MODEL.onnx HEIGHT WIDTH; a count on each line of stdin, the seconds for so many runs on stdout."""
import sys
import time

import numpy
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
image = {"image": numpy.full((1, int(sys.argv[2]), int(sys.argv[3]), 3), 127, dtype=numpy.uint8)}
for line in sys.stdin:
    start = time.monotonic()
    for _ in range(int(line)):
        session.run(["scores", "boxes"], image)
    print(time.monotonic() - start, flush=True)
