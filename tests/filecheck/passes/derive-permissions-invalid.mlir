// Without a subject nobody can be permitted to use it.
// RUN: kumeo-opt %s -p derive-permissions --verify-diagnostics
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Flow {
    workflow.source @s nats("a") : f64
    // expected-error@+1 {{has no subject yet: run `assign-subjects` before}}
    messaging.edge @run.b message (x : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        agent.goto message @run.b(%x : f64)
      }
      messaging.handler "run.b" reads [@run.b] (%x: f64) {
        agent.done
      }
    }
  }
}
