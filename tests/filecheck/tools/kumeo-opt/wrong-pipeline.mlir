// RUN: not kumeo-opt %s -p 'cse, canonicalise' 2>&1 | filecheck %s --check-prefix PASS
// RUN: not kumeo-opt %s -p 'verify-level{lvel=workflow}' 2>&1 | filecheck %s --check-prefix OPTION

// PASS: error[unknown-pass]: there is no pass named `canonicalise`
// PASS: --> <pipeline>:1:6
// PASS: help: write `canonicalize`
// OPTION: error[unknown-pass-option]: pass `verify-level` has no option `lvel`
// OPTION: help: write `level`
builtin.module {}
