// RUN: kumeo-opt %s -p 'push-guards{across-acts=true min-latency-us=1000}' | filecheck %s
// RUN: kumeo-opt %s -p push-guards --remarks 2>&1 | filecheck %s --check-prefix REMARK
// RUN: kumeo-opt %s -p push-guards --pass-statistics 2>&1 | filecheck %s --check-prefix COUNT
// RUN: kumeo-opt %s -p push-guards --remarks 2>&1 | filecheck %s --check-prefix QUIET
// RUN: not kumeo-opt %s -p 'push-guards{min-latency-us=-1}' 2>&1 | filecheck %s --check-prefix WRONG

// A read may cross an act if the user says so, and what is faster than the limit is not costly.
// CHECK-LABEL: workflow.subworkflow @Options
// CHECK-NEXT:  %b = agent.model
// CHECK-NEXT:  agent.review
// CHECK-NEXT:  workflow.if
// CHECK-NEXT:    %a = agent.llm

// REMARK: push-guards: agent `a` stays where it is: it reads the outside world
// REMARK: push-guards: agent `b` runs only in the branch that reads it
// REMARK: push-guards: agent `v` stays where it is: it acts
// REMARK: push-guards: agent `d` stays where it is: it is read in several branches
// REMARK: push-guards: agent `e` stays where it is: it decides a condition from the left

// Of an agent that is always read nothing could be expected.
// QUIET-NOT: agent `always`

// COUNT:      push-guards
// COUNT-NEXT: 1 costly operations moved

// WRONG: error[invalid-pass-option]
workflow.subworkflow @Options (%c: i1, %s: !data.str) -> (i1, i1, !data.option<!data.record<{decision: !data.enum<"a">}>>, i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.model @m (%s) id "b" site "b" : (!data.str) -> i1
  %v = agent.review (input = %s) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  %r, %q, %w = workflow.if %c -> (i1, i1, !data.option<!data.record<{decision: !data.enum<"a">}>>) {
    %o = data.some %v : !data.option<!data.record<{decision: !data.enum<"a">}>>
    workflow.yield %a, %b, %o : i1, i1, !data.option<!data.record<{decision: !data.enum<"a">}>>
  } else {
    %o = data.none : !data.option<!data.record<{decision: !data.enum<"a">}>>
    workflow.yield %c, %c, %o : i1, i1, !data.option<!data.record<{decision: !data.enum<"a">}>>
  }
  %d = agent.llm "m" (prompt = %s) id "d" site "d" : (!data.str) -> i1
  %e = agent.llm "m" (prompt = %s) id "e" site "e" : (!data.str) -> i1
  %f = data.and %e, %c
  %g = workflow.if %f -> (i1) {
    workflow.yield %d : i1
  } else {
    %n = data.not %d
    workflow.yield %n : i1
  }
  workflow.return %r, %q, %w, %f, %g : i1, i1, !data.option<!data.record<{decision: !data.enum<"a">}>>, i1, i1
}
workflow.subworkflow @Always (%s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "always" site "a" : (!data.str) -> i1
  workflow.return %a : i1
}
workflow.model @m onnx("m.onnx")
