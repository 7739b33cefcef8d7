"""ONNX models of `agent.infer`: `build` checks, `emitter` names, `elementary` has a rule per op.

    from kumeo.backends.onnx.build import emit_infer

Nothing is loaded here: the libraries of ONNX and NumPy are only for modules with numeric programs.
"""
