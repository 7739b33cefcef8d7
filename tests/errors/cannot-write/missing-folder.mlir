// RUN: kumeo-opt %s -o missing-folder/out.mlir
builtin.module {}
