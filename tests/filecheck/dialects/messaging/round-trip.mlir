// RUN: kumeo-opt %s | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt | filecheck %s
// RUN: kumeo-opt %s --mlir-print-op-generic | kumeo-opt | filecheck %s

builtin.module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Payments {
    workflow.source @payments nats("payments") key "card" : !data.record<{card: !data.str, amount: f64}>
    workflow.source @tick timer("10s") : !data.record<{card: !data.str, amount: f64}>
    workflow.target @cleared nats("cleared")
    workflow.target @failed nats("failed")
    workflow.model @risk onnx("risk.onnx")
    // CHECK:      messaging.stream "edges" name "{ns}_payments_E" subjects ["kumeo.{ns}.payments.e.>"] max_bytes 1024
    messaging.stream "edges" name "{ns}_payments_E" subjects ["kumeo.{ns}.payments.e.>"] max_bytes 1024
    // CHECK-NEXT: messaging.stream "timers" max_bytes -1
    messaging.stream "timers" max_bytes -1
    // CHECK-NEXT: messaging.edge @run.assess message (amount : f64, may_fail risk : f64, may_fail : f64, may_fail "odd key" : f64) carries_event token "run_assess" subject "a.b" partitions 64 codec "msgpack" layout "00ff" size_bytes 24 spill_bytes 900000
    messaging.edge @run.assess message (amount : f64, may_fail risk : f64, may_fail : f64, may_fail "odd key" : f64) carries_event token "run_assess" subject "a.b" partitions 64 codec "msgpack" layout "00ff" size_bytes 24 spill_bytes 900000
    // CHECK-NEXT: messaging.edge @run.check parked (amount : f64)
    messaging.edge @run.check parked (amount : f64)
    // CHECK-NEXT: messaging.service "risk" language "python" {
    messaging.service "risk" language "python" {
      // CHECK-NEXT: messaging.permission publish ["cleared", "a.*.>"] subscribe []
      messaging.permission publish ["cleared", "a.*.>"] subscribe []
      // CHECK-NEXT: messaging.artifact @risk "risk.onnx" sha256 "9f"
      messaging.artifact @risk "risk.onnx" sha256 "9f"
      // CHECK-NEXT: messaging.schedule @tick "10s"
      messaging.schedule @tick "10s"
      // CHECK-NEXT: messaging.egress "llm" to "ollama" url "http://localhost:11434"
      messaging.egress "llm" to "ollama" url "http://localhost:11434"
      // CHECK-NEXT: messaging.handler "on.payments" reads [@payments, @tick] (%tx: !data.record<{card: !data.str, amount: f64}>) on_error @failed durables ["on_payments", "tick"] consumer {ack_wait_s = 30 : i64, credit = 10 : i64} {
      messaging.handler "on.payments" reads [@payments, @tick] (%tx: !data.record<{card: !data.str, amount: f64}>) on_error @failed durables ["on_payments", "tick"] consumer {ack_wait_s = 30 : i64, credit = 10 : i64} {
        %amount = data.get %tx["amount"] : f64
        %risk = agent.model @risk (amount = %amount) id "risk" site "risk" : (f64) -> f64
        %hot = data.compare gt, %risk, %amount : f64
        // CHECK: agent.branch %hot, message @run.assess(%amount, %risk, %risk, %risk : f64, f64, f64, f64), inline @clear(%risk : f64)
        agent.branch %hot, message @run.assess(%amount, %risk, %risk, %risk : f64, f64, f64, f64), inline @clear(%risk : f64)
      }
      // CHECK: messaging.step @clear (may_fail %x: f64) {
      messaging.step @clear (may_fail %x: f64) {
        workflow.emit %x : f64 to @cleared site "cleared"
        agent.done
      }
    }
    // CHECK: messaging.service "assess" {
    messaging.service "assess" {
      // CHECK-NEXT: messaging.handler "run.assess" reads [@run.assess] (%amount: f64, may_fail %risk: f64, %a: f64, may_fail %b: f64) on_error @failed {
      messaging.handler "run.assess" reads [@run.assess] (%amount: f64, may_fail %risk: f64, %a: f64, may_fail %b: f64) on_error @failed {
        %text = data.format "Judge {{ amount }}" (amount = %amount)
        // CHECK: %said = messaging.journal "assess" {
        %said = messaging.journal "assess" {
          // CHECK-NEXT: %0 = agent.llm "a/b" (prompt = %text) id "assess" site "assess" : (!data.str) -> !data.str
          %0 = agent.llm "a/b" (prompt = %text) id "assess" site "assess" : (!data.str) -> !data.str
          // CHECK-NEXT: agent.yield %0 : !data.str
          agent.yield %0 : !data.str
        // CHECK-NEXT: } : !data.str
        } : !data.str
        workflow.emit %said : !data.str to @cleared site "said"
        // CHECK: agent.park @run.check(%amount : f64)
        agent.park @run.check(%amount : f64)
      }
      // CHECK: messaging.handler "run.check" reads [@run.check] (%amount: f64) on_error @failed {
      messaging.handler "run.check" reads [@run.check] (%amount: f64) on_error @failed {
        %r = agent.review (input = %amount) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
        agent.done
      }
    }
  }
}
