// RUN: kumeo-opt %s --split-input-file -p outline-infer,lower-bayes | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer,lower-bayes,split-stages,assign-language,place-services,convert-to-messaging,carry-live-values,journal-effects,compact-edges | filecheck %s --check-prefix=MSGPACK
// RUN: kumeo-opt %s --split-input-file -p outline-infer,lower-bayes,split-stages,assign-language,place-services,convert-to-messaging,carry-live-values,journal-effects,compact-edges{json=true} | filecheck %s --check-prefix=JSON
// RUN: kumeo-opt %s --split-input-file --check-semantics -o /dev/null -p outline-infer,lower-bayes,split-stages,assign-language,place-services,convert-to-messaging,carry-live-values,journal-effects,compact-edges
// RUN: kumeo-opt %s --split-input-file --check-semantics -o /dev/null -p outline-infer,lower-bayes,split-stages,assign-language,place-services,convert-to-messaging,carry-live-values,journal-effects,compact-edges{json=true}

// Impossible evidence gives zeros and a flag, never NaN: JSON has no form for NaN, and the edge
// between the program and its agents has no room for a failure. The agent fails the same with both.
// CHECK:     %[[SUM:.*]] = infer.reduce_sum
// CHECK:     %[[OK:.*]] = infer.compare (%[[SUM]], {{.*}}) predicate "gt"
// CHECK:     %[[DIVISOR:.*]] = infer.select (%[[OK]], %[[SUM]], {{.*}})
// CHECK:     infer.div ({{.*}}, %[[DIVISOR]])
// MSGPACK:   codec "msgpack"
// JSON:      codec "json"
// JSON-NOT:  codec "msgpack"
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @certain bayesian("Inputs/certain.bif")
  workflow.workflow @Theft {
    workflow.source @s nats("a") : !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>
    workflow.target @t nats("t")
    workflow.target @u nats("u")
    workflow.on @s (%s: !data.record<{day: !data.enum<"yes", "no">, alarm: !data.enum<"on", "off">}>) {
      %d = data.get %s["day"] : !data.enum<"yes", "no">
      %a = data.get %s["alarm"] : !data.enum<"on", "off">
      %r = agent.bayes @certain (Day = %d, Alarm = %a) query ["Theft"] id "theft" site "theft" : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Theft"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.3 : f64
      %c = data.compare gt, %p, %l : f64
      %o = agent.decide first_match (hot = %c) outcomes ["call"] default "wait" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"call", "wait">}>
      workflow.emit %r : !data.record<{Theft: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %o : !data.record<{decision: !data.enum<"call", "wait">}> to @u site "y"
      workflow.return
    }
  }
}

// -----

// A score that is not finite is carried as zero beside its flag, for the same reason.
// CHECK-LABEL: workflow.workflow @Score
// CHECK:       %[[SCORE:.*]] = infer.score
// CHECK:       infer.is_nan
// CHECK:       %[[FINITE:.*]] = infer.not
// CHECK:       infer.select (%[[FINITE]], %[[SCORE]], {{.*}})
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @certain bayesian("Inputs/certain.bif")
  workflow.workflow @Score {
    workflow.source @s nats("a") : !data.record<{day: !data.enum<"yes", "no">, x: f64}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{day: !data.enum<"yes", "no">, x: f64}>) {
      %d = data.get %s["day"] : !data.enum<"yes", "no">
      %r = agent.bayes @certain (Day = %d) query ["Theft"] id "theft" site "theft" : (!data.enum<"yes", "no">) -> !data.record<{Theft: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Theft"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %x = data.get %s["x"] : f64
      %h = data.constant 1.0e300 : f64
      %y = data.mul %x, %h : f64
      %z = data.mul %y, %h : f64
      %o = agent.decide weighted_sum (p = %p, z = %z) outcomes ["low", "high"] weights [0.5, 0.5] thresholds [0.0, 0.5] id "route" site "route" : (f64, f64) -> !data.record<{decision: !data.enum<"low", "high">, score: f64}>
      workflow.emit %o : !data.record<{decision: !data.enum<"low", "high">, score: f64}> to @t site "y"
      workflow.return
    }
  }
}
