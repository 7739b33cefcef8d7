// The generic form of all three dialects is read by LLVM's mlir-opt, and its output by kumeo-opt.
// REQUIRES: mlir-opt
// RUN: kumeo-opt %s --print-op-generic --print-no-properties | %mlir-opt --allow-unregistered-dialect | kumeo-opt - | filecheck %s

// CHECK: agent.extern @score python("rules:score") effects "pure" : (f64) -> f64
agent.extern @score python("rules:score") effects "pure" : (f64) -> f64
// CHECK: workflow.workflow @W budget {usd = 1.500000e+00 : f64}
workflow.workflow @W budget {usd = 1.5 : f64} {
  workflow.source @s nats("a") : !data.record<{id: !data.str, "odd key": f64}>
  workflow.target @"odd \22 name" nats("t")
  workflow.model @m onnx("m.onnx")
  // CHECK: workflow.on @s (%{{.*}}: !data.record<{id: !data.str, "odd key": f64}>) on_error @"odd \22 name"
  workflow.on @s (%tx: !data.record<{id: !data.str, "odd key": f64}>) on_error @"odd \22 name" {
    %x = data.get %tx["odd key"] : f64
    %c = data.constant true : i1
    // CHECK: agent.model @m ("odd name" = %{{.*}}) id "m" site "m" policy<timeout = 30, attempts = 3, backoff = exponential, delay = 5> cost<latency = 10, price = 0.5, tokens = 3> fallback {
    %m = agent.model @m ("odd name" = %x) id "m" site "m" policy<timeout = 30, attempts = 3, backoff = exponential, delay = 5> cost<latency = 10, price = 0.5, tokens = 3> fallback {
      agent.yield %x : f64
    } : (f64) -> f64
    // CHECK: workflow.match %{{.*}} : i1 -> (f64) case true {
    %r = workflow.match %c : i1 -> (f64) case true {
      workflow.yield %x : f64
    } default {
      workflow.yield %m : f64
    }
    // CHECK: agent.process
    %p = agent.process (%r) do (%y: f64) {
      agent.yield %y : f64
    } id "p" site "p" : (f64) -> f64
    workflow.emit %p : f64 to @"odd \22 name" site "out"
    workflow.return
  }
}
