// RUN: not kumeo-opt %s -p 'rewrite{file="%S/Inputs/unknown-op.pdl.mlir"}' 2>&1 | filecheck %s --check-prefix=OP
// RUN: not kumeo-opt %s -p 'rewrite{file="%S/Inputs/native.pdl.mlir"}' 2>&1 | filecheck %s --check-prefix=NATIVE
// RUN: not kumeo-opt %s -p 'rewrite{file="%S/Inputs/empty.pdl.mlir"}' 2>&1 | filecheck %s --check-prefix=EMPTY
// RUN: not kumeo-opt %s -p 'rewrite{file="%S/Inputs/missing.pdl.mlir"}' 2>&1 | filecheck %s --check-prefix=MISSING
// RUN: not kumeo-opt %s -p 'rewrite{file="%S/rewrite-files.mlir"}' 2>&1 | filecheck %s --check-prefix=OTHER
// RUN: not kumeo-opt %s -p 'rewrite{file="%S/Inputs/endless.pdl.mlir" rewrites-max=10}' 2>&1 | filecheck %s --check-prefix=ENDLESS
// RUN: not kumeo-opt %s -p 'rewrite' 2>&1 | filecheck %s --check-prefix=OPTION

// An op that no dialect has is named at its place in the file.
// OP:      error[ir-invalid]: `pdl.operation`: there is no op `data.cal`: write `data.call`
// OP-NEXT: unknown-op.pdl.mlir:3:3

// So is a part of `pdl` that needs Python.
// NATIVE:      error[ir-invalid]: `pdl.apply_native_constraint`: cannot be used in a file of patterns
// NATIVE-NEXT: native.pdl.mlir:4:3

// A file without patterns, one of another kind, and none at all.
// EMPTY:   error[pass-failed]: pass `rewrite` failed: {{.*}} holds no `pdl.pattern`
// MISSING: error[pass-failed]: pass `rewrite` failed: cannot read {{.*}}: No such file or directory
// OTHER:   error[ir-invalid]: `workflow.subworkflow`: cannot be used in a file of patterns
// OPTION:  error[invalid-pass-option]: option `file` of pass `rewrite` is missing

// Patterns without end are stopped.
// ENDLESS: error[pass-failed]: pass `rewrite` failed: `{{up|down}}` was applied 10 times and goes on
workflow.subworkflow @S (%x: !data.str) -> (!data.str) {
  %a = data.call "lower"(%x) : !data.str
  workflow.return %a : !data.str
}
