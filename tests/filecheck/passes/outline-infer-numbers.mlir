// RUN: kumeo-opt %s --split-input-file -p outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer,outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer --check-semantics -o /dev/null
// RUN: kumeo-opt %s --split-input-file -p outline-infer -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// The larger of two probabilities is computed in the program: the first one where they are equal,
// and never NaN where the other one is a number.
// CHECK-LABEL: workflow.workflow @Larger
// CHECK:       agent.infer
// CHECK:       %[[TAKES:[0-9]+]] = infer.compare (%[[NO:.*]], %[[YES:.*]]) predicate "gt"
// CHECK:       %[[NAN:[0-9]+]] = infer.is_nan (%[[YES]])
// CHECK:       %[[OR:[0-9]+]] = infer.or (%[[TAKES]], %[[NAN]])
// CHECK:       infer.select (%[[OR]], %[[NO]], %[[YES]])
// CHECK:       infer.rules
// REMARK-DAG:  `larger` is computed in `infer.risk`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Larger {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %q = data.get %f["no"] : f64
      %m = data.call "max"(%p, %q) : f64
      %l = data.constant 0.95 : f64
      %c = data.compare gt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["sure"] default "look" id "larger" site "larger" : (i1) -> !data.record<{decision: !data.enum<"sure", "look">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"sure", "look">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// The smaller one is taken the same way.
// CHECK-LABEL: workflow.workflow @Smaller
// CHECK:       agent.infer
// CHECK:       infer.compare (%{{.*}}, %{{.*}}) predicate "lt"
// CHECK:       infer.rules
// REMARK-DAG:  `smaller` is computed in `infer.risk`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Smaller {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %q = data.get %f["no"] : f64
      %m = data.call "min"(%p, %q) : f64
      %l = data.constant 0.05 : f64
      %c = data.compare lt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["sure"] default "look" id "smaller" site "smaller" : (i1) -> !data.record<{decision: !data.enum<"sure", "look">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"sure", "look">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// The distance from zero may overflow for integers and is left alone.
// CHECK-LABEL: workflow.workflow @Distance
// CHECK:       agent.infer
// CHECK:       agent.decide
// REMARK-DAG:  `distance` stays code: `abs` is not computed on tensors
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Distance {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %m = data.call "abs"(%p) : f64
      %l = data.constant 0.05 : f64
      %c = data.compare lt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["sure"] default "look" id "distance" site "distance" : (i1) -> !data.record<{decision: !data.enum<"sure", "look">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"sure", "look">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// A limit of the event, or the probability of a model that never fails, where the event has none.
// CHECK-LABEL: workflow.workflow @OrElse
// CHECK:       agent.infer
// CHECK:       %[[NULL:[0-9]+]] = infer.is_nan (%[[LIMIT:[a-z0-9_]+]])
// CHECK:       infer.select (%[[NULL]], %{{.*}}, %[[LIMIT]])
// CHECK:       infer.rules
// REMARK-DAG:  `choice` is computed in `infer.score`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @OrElse {
    workflow.source @s nats("a") : !data.record<{x: f64, limit: !data.option<f64>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, limit: !data.option<f64>}>) {
      %x = data.get %s["x"] : f64
      %o = data.get %s["limit"] : !data.option<f64>
      %r = agent.model @score (x = %x) id "score" site "score" : (f64) -> !data.record<{score: f64}>
      %p = data.get %r["score"] : f64
      %m = data.coalesce %o, %p : f64
      %l = data.constant 1.0 : f64
      %c = data.compare gt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["high"] default "low" id "choice" site "choice" : (i1) -> !data.record<{decision: !data.enum<"high", "low">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"high", "low">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// The network is needed only for events without a limit: one that is impossible fails only those.
// CHECK-LABEL: workflow.workflow @OrFails
// CHECK:       agent.infer
// CHECK:       data.coalesce
// CHECK:       agent.decide
// REMARK-DAG:  `choice` stays code: a rule may decide before all of its numbers are needed
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @OrFails {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, limit: !data.option<f64>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, limit: !data.option<f64>}>) {
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %o = data.get %s["limit"] : !data.option<f64>
      %r = agent.bayes @risk (Night = %n) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %m = data.coalesce %o, %p : f64
      %l = data.constant 0.5 : f64
      %c = data.compare gt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["high"] default "low" id "choice" site "choice" : (i1) -> !data.record<{decision: !data.enum<"high", "low">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"high", "low">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// A float that is computed may be NaN, which is not null.
// CHECK-LABEL: workflow.workflow @Computed
// CHECK:       agent.infer
// CHECK:       data.coalesce
// CHECK:       agent.decide
// REMARK-DAG:  `choice` stays code: a float that may be NaN is not told from null
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @Computed {
    workflow.source @s nats("a") : !data.record<{x: f64, limit: !data.option<f64>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, limit: !data.option<f64>}>) {
      %x = data.get %s["x"] : f64
      %y = data.sub %x, %x : f64
      %o = data.some %y : !data.option<f64>
      %r = agent.model @score (x = %x) id "score" site "score" : (f64) -> !data.record<{score: f64}>
      %p = data.get %r["score"] : f64
      %m = data.coalesce %o, %p : f64
      %l = data.constant 1.0 : f64
      %c = data.compare gt, %m, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["high"] default "low" id "choice" site "choice" : (i1) -> !data.record<{decision: !data.enum<"high", "low">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"high", "low">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// A state or a truth value that is null is -1.
// CHECK-LABEL: workflow.workflow @OrState
// CHECK:       agent.infer
// CHECK:       infer.rules
// CHECK:       %[[ZERO:[0-9]+]] = infer.constant () value dense<0> : tensor<i64>
// CHECK-NEXT:  %[[NULL:[0-9]+]] = infer.compare (%[[SET:[a-z0-9_]+]], %[[ZERO]]) predicate "lt"
// CHECK:       %[[TRUE:[0-9]+]] = infer.compare (%[[SET]], %{{.*}}) predicate "gt"
// CHECK-NEXT:  infer.select (%[[NULL]], %{{.*}}, %[[TRUE]])
// CHECK:       infer.rules
// REMARK-DAG:  `final` is computed in `infer.score`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @OrState {
    workflow.source @s nats("a") : !data.record<{x: f64, set: !data.option<i1>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, set: !data.option<i1>}>) {
      %x = data.get %s["x"] : f64
      %o = data.get %s["set"] : !data.option<i1>
      %r = agent.model @score (x = %x) id "score" site "score" : (f64) -> !data.record<{score: f64}>
      %p = data.get %r["score"] : f64
      %l = data.constant 1.0 : f64
      %c = data.compare gt, %p, %l : f64
      %m = data.coalesce %o, %c : i1
      %d = agent.decide first_match (hot = %c) outcomes ["high"] default "low" id "choice" site "choice" : (i1) -> !data.record<{decision: !data.enum<"high", "low">}>
      %e = agent.decide first_match (hot = %m) outcomes ["on"] default "off" id "final" site "final" : (i1) -> !data.record<{decision: !data.enum<"on", "off">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"high", "low">}> to @t site "x"
      workflow.emit %e : !data.record<{decision: !data.enum<"on", "off">}> to @t site "y"
      workflow.return
    }
  }
}
