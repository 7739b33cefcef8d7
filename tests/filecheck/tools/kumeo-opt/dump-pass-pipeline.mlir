// RUN: kumeo-opt %s -p 'builtin.module( canonicalize, func.func(cse , dce) )' --dump-pass-pipeline 2>&1 | filecheck %s
// RUN: kumeo-opt %s -O2 --dump-pass-pipeline 2>&1 | filecheck %s --check-prefix O2

// CHECK: canonicalize,func.func(cse,dce)
// O2: inline-subworkflows,fold-config,canonicalize,cse,agent-dedupe,push-guards,prune-fields,canonicalize,cse,agent-dce,layout-prompts,schedule
builtin.module {}
