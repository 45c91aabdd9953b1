"""The libraries that run planner and infiller, torch and onnxruntime, behind one interface."""

BACKENDS = ("torch", "onnx")
