// RUN: kumeo-opt %s -p 'inline-subworkflows{ops-max=3}' | filecheck %s
// RUN: kumeo-opt %s -p 'inline-subworkflows{ops-max=3}' -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s -p 'inline-subworkflows{keep}' | filecheck %s --check-prefix=KEEP
// RUN: kumeo-opt %s -p inline-subworkflows --print-debuginfo | filecheck %s --check-prefix=LOC
// RUN: not kumeo-opt %s -p 'inline-subworkflows{ops-max=-1}' 2>&1 | filecheck %s --check-prefix=NEGATIVE

// NEGATIVE: option `ops-max` of pass `inline-subworkflows` is refused: `ops-max` is not negative

// A subworkflow above the limit stays, with what it calls itself; a smaller one is inlined.
// REMARK-DAG:  `@large` is not inlined: it has 4 operations, `ops-max` is 3
// REMARK-DAG:  `@small` is inlined
// CHECK:       workflow.subworkflow @large
// CHECK-NOT:   workflow.subworkflow @small
// CHECK:       workflow.subworkflow @huge
// CHECK:       workflow.call @huge(%x) site "l"
// CHECK-NEXT:  %{{.*}} = data.neg
// CHECK-NEXT:  workflow.emit

// With `keep` a subworkflow stays although nothing calls it.
// KEEP:        workflow.subworkflow @large
// KEEP:        workflow.subworkflow @small
// KEEP:        workflow.workflow @Options
// KEEP-NOT:    workflow.call

// A copy is at its place in the subworkflow, called from the place of the call.
// LOC:         data.neg {{.*}} loc(callsite("a.kumeo":3:1 at "a.kumeo":9:1))
workflow.subworkflow @large (%a: f64) -> (f64) {
  %b = data.neg %a : f64
  %c = data.neg %b : f64
  workflow.return %c : f64
}
workflow.subworkflow @small (%a: f64) -> (f64) {
  %b = data.neg %a : f64 loc("a.kumeo":3:1)
  workflow.return %b : f64
}
workflow.subworkflow @huge (%a: f64) -> (f64) {
  %b = data.neg %a : f64
  %c = workflow.call @large(%b) site "h" : (f64) -> (f64)
  workflow.return %c : f64
}
workflow.workflow @Options {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %l = workflow.call @huge(%x) site "l" : (f64) -> (f64)
    %r = workflow.call @small(%l) site "s" : (f64) -> (f64) loc("a.kumeo":9:1)
    workflow.emit %r : f64 to @t site "e"
    workflow.return
  }
}
