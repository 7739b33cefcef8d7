// RUN: kumeo-opt %s -p agent-dedupe --print-debuginfo | filecheck %s

// The agent that stays is at both places.
// CHECK: agent.model {{.*}} loc(fused["a.kumeo":3:1, "a.kumeo":4:1])
workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: f64) -> (f64) {
  %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64 loc("a.kumeo":3:1)
  %b = agent.model @m (x = %x) id "b" site "2" : (f64) -> f64 loc("a.kumeo":4:1)
  %c = data.add %a, %b : f64
  workflow.return %c : f64
}
