// RUN: kumeo-opt %s -t python

builtin.module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Orders {
    workflow.source @orders kafka("orders") : f64
    workflow.target @out nats("out")
    messaging.service "orders" language "python" {
      messaging.handler "on.orders" reads [@orders] (%amount: f64) {
        workflow.emit %amount : f64 to @out site "out"
        agent.done
      }
    }
  }
}
