// RUN: kumeo-opt %s --split-input-file -p outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer,outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer,lower-bayes,lower-decisions --check-semantics -o /dev/null
// RUN: kumeo-opt %s --split-input-file -p outline-infer -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// Impossible evidence has a constant answer, which the decision reads inside of the program. The
// network's agent fails as before, and its fallback runs.
// CHECK-LABEL: workflow.workflow @Constant
// CHECK:       %[[P:.*]], %[[OK:.*]] = infer.bayes @certain
// CHECK:       %[[YES:.*]] = infer.column (%[[P]]) axis 1 : i64 index 0
// CHECK:       %[[OTHER:.*]] = infer.constant () value dense<7.500000e-01>
// CHECK:       %[[READ:.*]] = infer.select (%[[OK]], %[[YES]], %[[OTHER]])
// CHECK:       infer.compare (%[[READ]],
// CHECK:       infer.rules
// CHECK:       id "theft" site "theft" fallback
// CHECK-NOT:   agent.decide
// REMARK-DAG:  `route` is computed in `infer.theft`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @certain bayesian("Inputs/certain.bif")
  workflow.workflow @Constant {
    workflow.source @s nats("a") : !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>) {
      %d = data.get %s["day"] : !data.enum<"yes", "no">
      %a = data.get %s["alarm"] : !data.enum<"on", "off">
      %r = agent.bayes @certain (Day = %d, Alarm = %a) query ["Theft"] id "theft" site "theft" fallback {
        %sure = data.constant {Theft = {yes = 0.75, no = 0.25}} : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
        agent.yield %sure : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      } : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Theft"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.6 : f64
      %c = data.compare gt, %p, %l : f64
      %o = agent.decide first_match (hot = %c) outcomes ["call"] default "wait" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"call", "wait">}>
      workflow.emit %r : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %o : !data.record<{decision: !data.enum<"call", "wait">}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// Guard: a fallback that is computed is computed by code, and so is what reads it.
// CHECK-LABEL: workflow.workflow @Computed
// CHECK:       agent.decide
// REMARK-DAG:  `route` stays code: it reads `theft`, whose fallback may run
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @certain bayesian("Inputs/certain.bif")
  workflow.workflow @Computed {
    workflow.source @s nats("a") : !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>) {
      %d = data.get %s["day"] : !data.enum<"yes", "no">
      %a = data.get %s["alarm"] : !data.enum<"on", "off">
      %r = agent.bayes @certain (Day = %d, Alarm = %a) query ["Theft"] id "theft" site "theft" fallback {
        %is = data.constant "yes" : !data.enum<"yes", "no">
        %e = data.compare eq, %d, %is : !data.enum<"yes", "no">
        %one = data.constant {Theft = {yes = 0.75, no = 0.25}} : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
        %two = data.constant {Theft = {yes = 0.25, no = 0.75}} : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
        %v = data.select %e, %one, %two : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
        agent.yield %v : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      } : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Theft"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.6 : f64
      %c = data.compare gt, %p, %l : f64
      %o = agent.decide first_match (hot = %c) outcomes ["call"] default "wait" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"call", "wait">}>
      workflow.emit %r : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %o : !data.record<{decision: !data.enum<"call", "wait">}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// Guard: a word that is no state fails the whole program, but the decision has the fallback to read.
// CHECK-LABEL: workflow.workflow @Outside
// CHECK:       agent.decide
// REMARK-DAG:  `route` stays code: it reads `theft`, whose fallback may run
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @certain bayesian("Inputs/certain.bif")
  workflow.workflow @Outside {
    workflow.source @s nats("a") : !data.record<{day: !data.enum<"yes", "no">, alarm: !data.str}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{day: !data.enum<"yes", "no">, alarm: !data.str}>) {
      %d = data.get %s["day"] : !data.enum<"yes", "no">
      %w = data.get %s["alarm"] : !data.str
      %a = data.cast %w : !data.enum<"on", "off">
      %r = agent.bayes @certain (Day = %d, Alarm = %a) query ["Theft"] id "theft" site "theft" fallback {
        %sure = data.constant {Theft = {yes = 0.75, no = 0.25}} : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
        agent.yield %sure : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      } : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Theft"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.6 : f64
      %c = data.compare gt, %p, %l : f64
      %o = agent.decide first_match (hot = %c) outcomes ["call"] default "wait" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"call", "wait">}>
      workflow.emit %r : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %o : !data.record<{decision: !data.enum<"call", "wait">}> to @t site "y"
      workflow.return
    }
  }
}
