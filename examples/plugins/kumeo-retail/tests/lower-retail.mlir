// RUN: kumeo-opt %s --split-input-file -p lower-retail | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p lower-retail,lower-retail | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p lower-retail --check-semantics | filecheck %s

// A discount is a product; the op that asks the warehouse stays.
// CHECK-LABEL: workflow.workflow @Discount
// CHECK:       %have = retail.stock
// CHECK-NEXT:  %net = data.constant 0.75 : f64
// CHECK-NEXT:  %net_1 = data.mul %have, %net : f64
// CHECK-NEXT:  workflow.emit %net_1
workflow.workflow @Discount {
  workflow.source @s nats("s") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%item: !data.str) {
    %have = retail.stock "berlin" (item = %item) id "have" site "have" : (!data.str) -> f64
    %net = retail.discount %have percent 25.0 : f64
    workflow.emit %net : f64 to @t site "e"
    workflow.return
  }
}

// -----

// A discount of nothing is the price.
// CHECK-LABEL: workflow.workflow @Nothing
// CHECK:       workflow.on @s (%price: f64) {
// CHECK-NEXT:  workflow.emit %price
workflow.workflow @Nothing {
  workflow.source @s nats("s") : f64
  workflow.target @t nats("t")
  workflow.on @s (%price: f64) {
    %net = retail.discount %price percent 0.0 : f64
    workflow.emit %net : f64 to @t site "e"
    workflow.return
  }
}

// -----

// An agent that computes becomes a process with its id, site and policy.
// CHECK-LABEL: workflow.workflow @Reorder
// CHECK:       %more = agent.process (%have, %sold) do (%{{.*}}: f64, %{{.*}}: f64) {
// CHECK:         data.mul
// CHECK:         data.sub
// CHECK:         data.call "max"
// CHECK:       } id "more" site "more" policy<attempts = 3> : (f64, f64) -> f64
workflow.workflow @Reorder {
  workflow.source @s nats("s") : !data.record<{item: !data.str, sold: f64}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{item: !data.str, sold: f64}>) {
    %item = data.get %e["item"] : !data.str
    %sold = data.get %e["sold"] : f64
    %have = retail.stock "berlin" (item = %item) id "have" site "have" : (!data.str) -> f64
    %more = retail.reorder (on_hand = %have, sold = %sold) weeks 2.0 : f64 id "more" site "more" policy<attempts = 3> : (f64, f64) -> f64
    workflow.emit %more : f64 to @t site "e"
    workflow.return
  }
}

// -----

// One with a fallback stays.
// CHECK-LABEL: workflow.subworkflow @Fallback
// CHECK:       retail.reorder
workflow.subworkflow @Fallback (%have: f64, %sold: f64) -> (f64) {
  %more = retail.reorder (on_hand = %have, sold = %sold) weeks 2.0 : f64 id "more" site "more" fallback {
    agent.yield %sold : f64
  } : (f64, f64) -> f64
  workflow.return %more : f64
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
