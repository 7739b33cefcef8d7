// RUN: kumeo-opt %s -p 'builtin.module( canonicalize, func.func(cse , dce) )' --dump-pass-pipeline 2>&1 | filecheck %s
// RUN: kumeo-opt %s -O2 --dump-pass-pipeline 2>&1 | filecheck %s --check-prefix O2

// CHECK: canonicalize,func.func(cse,dce)
// O2: canonicalize,cse,{{.*}}push-guards,canonicalize,{{.*}}schedule
builtin.module {}
