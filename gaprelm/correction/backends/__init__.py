"""What runs planner and infiller: torch or onnxruntime behind one interface."""

BACKENDS = ("torch", "onnx")
