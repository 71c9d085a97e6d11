"""Networks as files that others run: source, weights, ONNX."""
