// RUN: kumeo-opt %s --split-input-file -p fold-config | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fold-config,fold-config | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fold-config -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// What reads a fixed value becomes a constant; a dynamic value stays, and so do declarations.
// CHECK-LABEL: workflow.workflow @Values
// CHECK:       workflow.config @limit
// CHECK:       %l = data.constant 0.5 : f64
// CHECK-NEXT:  %h = workflow.config_value @hot : f64
// REMARK-DAG:  `@limit` is a constant now
// REMARK-DAG:  `@hot` stays: it is dynamic
workflow.workflow @Values {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.config @limit : f64 = 0.5 : f64
  workflow.config @hot : f64 = 0.5 : f64 dynamic
  workflow.on @s (%x: f64) {
    %l = workflow.config_value @limit : f64
    %h = workflow.config_value @hot : f64
    workflow.emit %l : f64 to @t site "l"
    workflow.emit %h : f64 to @t site "h"
    workflow.return
  }
}

// -----

// A subworkflow reads the entry of the workflow that calls it, if there is one: it stays.
// CHECK-LABEL: workflow.subworkflow @reader
// CHECK:       workflow.config_value @limit
// CHECK-NEXT:  data.constant 0.7 : f64
// CHECK-LABEL: workflow.workflow @Own
// CHECK:       data.constant 0.6 : f64
// REMARK-DAG:  `@limit` stays: a workflow that calls this declares its own
workflow.config @limit : f64 = 0.5 : f64
workflow.config @only : f64 = 0.7 : f64
workflow.subworkflow @reader () -> (f64) {
  %l = workflow.config_value @limit : f64
  %m = workflow.config_value @only : f64
  %n = data.add %l, %m : f64
  workflow.return %n : f64
}
workflow.workflow @Own {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.config @limit : f64 = 0.6 : f64
  workflow.on @s (%x: f64) {
    %l = workflow.config_value @limit : f64
    workflow.emit %l : f64 to @t site "l"
    workflow.return
  }
}

// -----

// A value that does not have the type of its entry is no constant: it stays.
// CHECK-LABEL: workflow.workflow @Misfit
// CHECK:       workflow.config_value @limit
// REMARK-DAG:  `@limit` stays: its value does not fit
workflow.workflow @Misfit {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.config @limit : f64 = "much"
  workflow.on @s (%x: f64) {
    %l = workflow.config_value @limit : f64
    workflow.emit %l : f64 to @t site "l"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK:      builtin.module {
// CHECK-NEXT: }
builtin.module {
}

// -----

// Stages read configuration as activations do; what they carry stays.
// CHECK-LABEL: workflow.workflow @Stages
// CHECK:       %l = data.constant 0.5 : f64
// CHECK-NEXT:  agent.goto message @run.b(%l : f64)
workflow.workflow @Stages {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.config @limit : f64 = 0.5 : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %l = workflow.config_value @limit : f64
    agent.goto message @run.b(%l : f64)
  }
  agent.stage @run.b (%l: f64) {
    workflow.emit %l : f64 to @t site "l"
    agent.done
  }
}
