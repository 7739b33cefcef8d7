// A numeric program goes through every level like any other pure agent. Numbers without an answer
// (here 0/0) stay what they are on the way: the agent that reads them says what failed.
// RUN: kumeo-opt %s -p split-stages --check-semantics 8 | filecheck %s --check-prefix STAGES
// RUN: kumeo-opt %s -O0 --level messaging --check-semantics 8 | filecheck %s --check-prefix CHECK
// RUN: kumeo-opt %s -O2 --level messaging --check-semantics 8 | filecheck %s --check-prefix CHECK

// STAGES: agent.stage @on.readings
// STAGES: %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
// STAGES: infer.yield (%ratio, %ok) : (tensor<?xf64>, tensor<?xi1>) -> ()
// STAGES: } id "n" site "n" : (f64) -> !data.record<{ratio: f64, ok: i1}>
// CHECK: messaging.handler
// CHECK: agent.infer (x = {{.*}}) do (%a: tensor<?xf64>) {
// CHECK: data.require {{.*}} "impossible-evidence" "no answer"
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @W {
    workflow.source @readings nats("readings") : f64
    workflow.target @scored nats("scored")
    workflow.on @readings (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %zero = infer.constant () value dense<0.0> : tensor<f64> : () -> (tensor<f64>)
        %low = infer.min (%a, %zero) : (tensor<?xf64>, tensor<f64>) -> (tensor<?xf64>)
        %ratio = infer.div (%low, %low) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        %nan = infer.is_nan (%ratio) : (tensor<?xf64>) -> (tensor<?xi1>)
        %ok = infer.not (%nan) : (tensor<?xi1>) -> (tensor<?xi1>)
        infer.yield (%ratio, %ok) : (tensor<?xf64>, tensor<?xi1>) -> ()
      } id "n" site "n" : (f64) -> !data.record<{ratio: f64, ok: i1}>
      %r = agent.process (%n) do (%v: !data.record<{ratio: f64, ok: i1}>) {
        %ok = data.get %v["ok"] : i1
        %ratio = data.get %v["ratio"] : f64
        %found = data.require %ok, %ratio "impossible-evidence" "no answer" : f64
        agent.yield %found : f64
      } id "r" site "r" fallback {
        %none = data.constant -1.0 : f64
        agent.yield %none : f64
      } : (!data.record<{ratio: f64, ok: i1}>) -> f64
      %p = data.format "r {{ r }}" (r = %r)
      %l = agent.llm "ollama/llama3" (prompt = %p) id "l" site "l" : (!data.str) -> !data.str
      workflow.emit %r : f64 to @scored site "scored"
      workflow.emit %l : !data.str to @scored site "said"
      workflow.return
    }
  }
}
