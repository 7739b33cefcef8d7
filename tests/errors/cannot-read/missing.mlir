// RUN: kumeo-opt mising.mlir
builtin.module {}
