// RUN: kumeo-opt %s -p cse | filecheck %s

// The body of a process reads its arguments alone, so it keeps its own constant; the fallback reads
// what stands above and shares the one that is there.
workflow.workflow @W {
  workflow.source @s nats("in") : f64
  workflow.target @t nats("out")
  workflow.on @s (%x: f64) {
    %one = data.constant 1.0 : f64
    %p = agent.process (%x) do (%a: f64) {
      %inner = data.constant 1.0 : f64
      %q = data.div %inner, %a : f64
      agent.yield %q : f64
    } id "p" site "p" fallback {
      %again = data.constant 1.0 : f64
      agent.yield %again : f64
    } : (f64) -> f64
    %sum = data.add %p, %one : f64
    workflow.emit %sum : f64 to @t site "t"
    workflow.return
  }
}

// CHECK:      %one = data.constant 1.0 : f64
// CHECK-NEXT: agent.process (%x) do
// CHECK-NEXT:   [[INNER:%.*]] = data.constant 1.0 : f64
// CHECK-NEXT:   data.div [[INNER]],
// CHECK:      fallback {
// CHECK-NEXT:   agent.yield %one : f64
