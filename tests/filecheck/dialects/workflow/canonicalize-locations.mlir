// Ops keep their places when the control flow around them goes away.
// RUN: kumeo-opt %s -p canonicalize --print-debuginfo | filecheck %s
// RUN: kumeo-opt %s -p 'canonicalize, canonicalize' --print-debuginfo | filecheck %s

// CHECK: workflow.subworkflow @f
workflow.subworkflow @f () -> (!data.list<f64>, !data.time) {
  %c = data.constant false : i1
  %t = workflow.if %c -> (!data.time) {
    %a = workflow.now loc("flow.kumeo":3:1)
    workflow.yield %a : !data.time
  } else {
    %b = workflow.now loc("flow.kumeo":5:1)
    workflow.yield %b : !data.time
  } loc("flow.kumeo":2:1)
  %l = data.constant [] : !data.list<f64>
  %r = workflow.foreach (%x: f64) in %l -> (!data.list<f64>) {
    workflow.yield %x : f64
  } loc("flow.kumeo":7:1)
  // CHECK-NEXT: workflow.now loc("flow.kumeo":5:1)
  // CHECK-NEXT: data.constant [] : !data.list<f64> loc("flow.kumeo":7:1)
  // CHECK-NEXT: workflow.return
  workflow.return %r, %t : !data.list<f64>, !data.time
}
