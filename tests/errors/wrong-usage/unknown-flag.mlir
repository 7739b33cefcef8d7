// RUN: kumeo-opt %s --spilt-input-file
builtin.module {}
