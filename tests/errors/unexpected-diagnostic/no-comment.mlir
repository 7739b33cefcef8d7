// RUN: kumeo-opt %s --verify-diagnostics
"func.nothing"() : () -> ()
