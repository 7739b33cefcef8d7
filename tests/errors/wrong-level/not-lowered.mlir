// RUN: kumeo-opt %s -p 'canonicalize,agent-fuse'
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    workflow.on @s (%x: f64) {
      workflow.return
    }
  }
}
