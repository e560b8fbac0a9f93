"""Runs a model in ONNX Runtime, which shares no code with Percept's engine.

usage: onnxruntime_witness.py MODEL.onnx CANVAS.rgb HEIGHT WIDTH OUT
Writes OUT.scores.f32 and OUT.boxes.f32. Exit status 77: no ONNX Runtime in this Python.
"""
import sys

try:
    import numpy
    import onnxruntime
except ImportError as problem:
    print(problem, file=sys.stderr)
    sys.exit(77)

model, canvas, height, width, out = sys.argv[1:]
image = numpy.fromfile(canvas, dtype=numpy.uint8).reshape(1, int(height), int(width), 3)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
for name, values in zip(("scores", "boxes"), session.run(["scores", "boxes"], {"image": image})):
    values.astype("<f4").tofile(f"{out}.{name}.f32")
