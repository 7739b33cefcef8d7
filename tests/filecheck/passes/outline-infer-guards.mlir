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

// A reader of an agent whose fallback is computed reads what is computed, so it stays outside.
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
        %y = data.constant 1.0 : f64
        %n = data.sub %y, %y : f64
        %b = data.record {yes = %y, no = %n}
        %u = data.record {Fraud = %b}
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

// -----

// A path from the program through another agent back into it would be a circle: the second
// question reads an aggregate that reads the first one.
// CHECK-LABEL: workflow.workflow @Convex
// CHECK:       agent.infer
// CHECK:       agent.aggregate
// CHECK:       agent.infer
// CHECK-NOT:   agent.infer
// REMARK:      `second` starts the program `infer.second`, apart from `infer.first`: `agent.aggregate` is not computed on tensors
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Convex {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, k: !data.str}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, k: !data.str}>) {
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %k = data.get %s["k"] : !data.str
      %first = agent.bayes @risk (Night = %n) query ["Fraud"] id "first" site "first" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %first["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %seen = agent.aggregate (key = %k, mean = %p) reducers ["mean"] id "seen" site "seen" : (!data.str, f64) -> !data.record<{mean: f64}>
      %mean = data.get %seen["mean"] : f64
      %half = data.constant 0.5 : f64
      %often = data.compare gt, %mean, %half : f64
      %yes = data.constant "yes" : !data.enum<"yes", "no">
      %state = data.select %often, %yes, %n : !data.enum<"yes", "no">
      %second = agent.bayes @risk (Night = %state) query ["Fraud"] id "second" site "second" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %second : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// Truth values name the states `true` and `false`, wherever the file has them.
// CHECK-LABEL: workflow.workflow @Truth
// CHECK:       agent.infer
// CHECK:       %[[I:.*]] = infer.cast (%Late)
// CHECK:       infer.constant () value dense<[1, 0]> : tensor<2xi64>
// CHECK:       %[[P:.*]] = infer.gather ({{.*}}, %[[I]])
// CHECK:       infer.bayes @late (%[[P]]) names ["Late"]
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @late bayesian("Inputs/late.bif")
  workflow.workflow @Truth {
    workflow.source @s nats("a") : i1
    workflow.target @t nats("t")
    workflow.on @s (%s: i1) {
      %r = agent.bayes @late (Late = %s) query ["Lost"] id "lost" site "lost" : (i1) -> !data.record<{Lost: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Lost: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// Truth values for states with other names fail for every event: the agent stays and says so.
// CHECK-LABEL: workflow.workflow @NoTruth
// CHECK-NOT:   agent.infer
// CHECK:       agent.bayes @risk
// REMARK:      `risk` stays as it is: its evidence may name a state that the network does not have
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @NoTruth {
    workflow.source @s nats("a") : i1
    workflow.target @t nats("t")
    workflow.on @s (%s: i1) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (i1) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// The body of a process between two members is computed in the program; the process itself stays,
// with its own id.
// CHECK-LABEL: workflow.workflow @Body
// CHECK:       agent.infer
// CHECK:       infer.bayes @risk
// CHECK:       infer.mul
// CHECK:       infer.onnx @score
// CHECK:       infer.yield
// CHECK:       agent.process
// CHECK:       id "risk" site "risk"
// CHECK:       agent.process
// CHECK:       data.mul
// CHECK:       id "doubled" site "doubled"
// CHECK:       agent.process
// CHECK:       id "score" site "score"
// CHECK-NOT:   agent.model
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @Body {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %p = agent.process (%r) do (%v: !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>) {
        %f = data.get %v["Fraud"] : !data.record<{yes: f64, no: f64}>
        %y = data.get %f["yes"] : f64
        %two = data.constant 2.0 : f64
        %d = data.mul %y, %two : f64
        %o = data.record {double = %d}
        agent.yield %o : !data.record<{double: f64}>
      } id "doubled" site "doubled" : (!data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>) -> !data.record<{double: f64}>
      %d = data.get %p["double"] : f64
      %m = agent.model @score (x = %d) id "score" site "score" : (f64) -> !data.record<{score: f64}>
      workflow.emit %p : !data.record<{double: f64}> to @t site "x"
      workflow.emit %m : !data.record<{score: f64}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// Each block has programs of its own: a branch runs only when its condition holds.
// CHECK-LABEL: workflow.workflow @Blocks
// CHECK:       agent.infer
// CHECK:       id "infer.always"
// CHECK:       workflow.if
// CHECK:       agent.infer
// CHECK:       id "infer.branch"
// CHECK-NOT:   agent.bayes
// CHECK-NOT:   agent.model
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @Blocks {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, x: f64, b: i1}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, x: f64, b: i1}>) {
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %x = data.get %s["x"] : f64
      %b = data.get %s["b"] : i1
      %r = agent.bayes @risk (Night = %n) query ["Fraud"] id "always" site "always" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.if %b {
        %m = agent.model @score (x = %x) id "branch" site "branch" : (f64) -> !data.record<{score: f64}>
        workflow.emit %m : !data.record<{score: f64}> to @t site "y"
        workflow.yield
      }
      workflow.return
    }
  }
}

// -----

// The policy and the fallback stay with the agent; the program has neither.
// CHECK-LABEL: workflow.workflow @Policy
// CHECK:       agent.infer
// CHECK-NOT:   policy
// CHECK:       } id "infer.risk" site "infer.risk" :
// CHECK:       agent.process
// CHECK:       data.require
// CHECK:       id "risk" site "risk" policy<timeout = 5000000, attempts = 2, backoff = exponential, delay = 100> fallback
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Policy {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" policy<timeout = 5000000, attempts = 2, backoff = exponential, delay = 100> fallback {
        %u = data.constant {Fraud = {yes = 1.0, no = 0.0}} : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
        agent.yield %u : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      } : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// Where all rules that hold are named, one place of a rule is not enough.
// CHECK-LABEL: workflow.workflow @Every
// CHECK:       agent.infer
// CHECK-NOT:   infer.rules
// CHECK:       agent.decide all_match
// REMARK:      `route` stays code: it may take several decisions at once
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Every {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.1 : f64
      %c = data.compare gt, %p, %l : f64
      %h = data.constant 0.2 : f64
      %d = data.compare gt, %p, %h : f64
      %o = agent.decide all_match (warm = %c, hot = %d) outcomes ["look", "block"] default "pass" id "route" site "route" : (i1, i1) -> !data.record<{decision: !data.enum<"block", "look", "pass">, rule: !data.str}>
      workflow.emit %o : !data.record<{decision: !data.enum<"block", "look", "pass">, rule: !data.str}> to @t site "x"
      workflow.return
    }
  }
}
