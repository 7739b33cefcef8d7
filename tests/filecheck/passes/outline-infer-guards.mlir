// RUN: kumeo-opt %s --split-input-file -p outline-infer -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p outline-infer --check-semantics -o /dev/null
// RUN: kumeo-opt %s --split-input-file -p outline-infer | filecheck %s

// Two questions of which each needs another value that may fail stay apart: together, one failing
// value would fail both.
// CHECK-LABEL: workflow.workflow @Apart
// CHECK:       agent.infer
// CHECK:       agent.infer
// REMARK:      `second` starts the program `infer.second`, apart from `infer.first`: it needs other values that may fail
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Apart {
    workflow.source @s nats("a") : !data.record<{a: !data.str, b: !data.str}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{a: !data.str, b: !data.str}>) {
      %a = data.get %s["a"] : !data.str
      %b = data.get %s["b"] : !data.str
      %x = data.cast %a : !data.enum<"yes", "no">
      %y = data.cast %b : !data.enum<"yes", "no">
      %first = agent.bayes @risk (Night = %x) query ["Fraud"] id "first" site "first" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %second = agent.bayes @risk (Night = %y) query ["Fraud"] id "second" site "second" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %first : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %second : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// The first rule holds without the network, so the decision does not fail when the network does.
// CHECK-LABEL: workflow.workflow @Early
// CHECK:       agent.infer
// CHECK:       agent.decide
// REMARK:      `route` stays code: a rule may decide before all of its numbers are needed
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Early {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, big: i1}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, big: i1}>) {
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %big = data.get %s["big"] : i1
      %r = agent.bayes @risk (Night = %n) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.3 : f64
      %c = data.compare gt, %p, %l : f64
      %d = agent.decide first_match (big = %big, hot = %c) outcomes ["block", "look"] default "pass" id "route" site "route" : (i1, i1) -> !data.record<{decision: !data.enum<"block", "look", "pass">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"block", "look", "pass">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// What the second question reads comes later than the first one: it starts a program of its own.
// CHECK-LABEL: workflow.workflow @Later
// CHECK:       agent.infer
// CHECK:       agent.aggregate
// CHECK:       agent.infer
// REMARK:      `second` starts the program `infer.second`, apart from `infer.first`: it reads what `seen` gives, which comes later
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Later {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, k: !data.str}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, k: !data.str}>) {
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %k = data.get %s["k"] : !data.str
      %first = agent.bayes @risk (Night = %n) query ["Fraud"] id "first" site "first" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %seen = agent.aggregate (key = %k, count = %n) reducers ["count"] id "seen" site "seen" : (!data.str, !data.enum<"yes", "no">) -> !data.record<{count: i64}>
      %count = data.get %seen["count"] : i64
      %three = data.constant 3 : i64
      %often = data.compare gt, %count, %three : i64
      %yes = data.constant "yes" : !data.enum<"yes", "no">
      %state = data.select %often, %yes, %n : !data.enum<"yes", "no">
      %second = agent.bayes @risk (Night = %state) query ["Fraud"] id "second" site "second" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %first : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %second : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// A reader of an agent with a fallback reads the fallback's value, so it stays outside.
// CHECK-LABEL: workflow.workflow @Caught
// CHECK:       agent.infer
// CHECK:       infer.bayes
// CHECK-NOT:   infer.rules
// CHECK:       fallback
// CHECK:       agent.decide
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Caught {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" fallback {
        %u = data.constant {Fraud = {yes = 1.0, no = 0.0}} : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
        agent.yield %u : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      } : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.3 : f64
      %c = data.compare gt, %p, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["block"] default "pass" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"block", "pass">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"block", "pass">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// Names in another order than the states of the file are looked up; null is one place before.
// CHECK-LABEL: workflow.workflow @Order
// CHECK:       infer.constant () value dense<[1, 0]> : tensor<2xi64>
// CHECK:       infer.gather
// CHECK:       infer.constant () value dense<[-1, 1, 0]> : tensor<3xi64>
// CHECK:       infer.gather
// CHECK:       optional ["Night"]
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Order {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"no", "yes">, o: !data.option<!data.enum<"no", "yes">>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"no", "yes">, o: !data.option<!data.enum<"no", "yes">>}>) {
      %n = data.get %s["n"] : !data.enum<"no", "yes">
      %o = data.get %s["o"] : !data.option<!data.enum<"no", "yes">>
      %r = agent.bayes @risk (Night = %n) query ["Fraud"] id "risk" site "risk" : (!data.enum<"no", "yes">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %q = agent.bayes @risk (Night = %o) query ["Fraud"] id "perhaps" site "perhaps" : (!data.option<!data.enum<"no", "yes">>) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.emit %q : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// Attempts and the site of an agent stay with it.
// CHECK-LABEL: workflow.workflow @Tried
// CHECK:       agent.infer
// CHECK:       agent.process
// CHECK:       id "risk" site "a/risk" policy<attempts = 3
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Tried {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "a/risk" policy<attempts = 3> : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}
