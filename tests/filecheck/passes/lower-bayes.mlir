// RUN: kumeo-opt %s --split-input-file -p lower-bayes | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p lower-bayes,lower-bayes | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p lower-bayes -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// Evidence is looked up in a table, and what is found is divided by its sum.
// CHECK-LABEL: builtin.module
// CHECK:       workflow.model @risk
// CHECK-NOT:   infer.bayes
// CHECK:       %[[T:.*]] = infer.constant () value dense<{{.*}}> : tensor<2x2xf64>
// CHECK-NEXT:  %[[W:.*]] = infer.gather (%[[T]], %night)
// CHECK:       infer.reduce_sum
// CHECK:       %ok = infer.compare ({{.*}}) predicate "gt"
// CHECK-NOT:   infer.select
// CHECK:       infer.div
// CHECK:       %p = infer.transpose
// REMARK-DAG:  `Fraud` of `@risk` is computed from 2 tables
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %n = agent.infer (night = %s) do (%night: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night) names ["Night"] query "Fraud" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// No table holds more than half of the evidence: two look-ups, and a product.
// CHECK-LABEL: builtin.module
// CHECK-NOT:   infer.bayes
// CHECK:       infer.gather ({{.*}}, %alarm)
// CHECK:       infer.gather ({{.*}}, %night)
// CHECK:       infer.mul
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">, x1: !data.enum<"on", "off">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">, x1: !data.enum<"on", "off">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %x1 = data.get %s["x1"] : !data.enum<"on", "off">
      %n = agent.infer (night = %x0, alarm = %x1) do (%night: tensor<?xi64>, %alarm: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night, %alarm) names ["Night", "Alarm"] query "Fraud" states 2 : i64 : (tensor<?xi64>, tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Evidence that may be missing has a column of its own in front: index -1 becomes 0.
// CHECK-LABEL: builtin.module
// CHECK:       %[[ONE:.*]] = infer.constant () value dense<1> : tensor<i64>
// CHECK-NEXT:  infer.add (%night, %[[ONE]])
// CHECK:       infer.gather
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.option<!data.enum<"yes", "no">>}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.option<!data.enum<"yes", "no">>}>) {
      %x0 = data.get %s["x0"] : !data.option<!data.enum<"yes", "no">>
      %n = agent.infer (night = %x0) do (%night: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night) names ["Night"] query "Fraud" states 2 : i64 optional ["Night"] : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.option<!data.enum<"yes", "no">>) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Guard: a file that cannot be read.
// CHECK-LABEL: builtin.module
// CHECK:       infer.bayes @risk
// REMARK-DAG:  `@risk` stays a network: its file cannot be read here
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/absent.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %n = agent.infer (night = %x0) do (%night: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night) names ["Night"] query "Fraud" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Guard: a file that is no network.
// CHECK-LABEL: builtin.module
// CHECK:       infer.bayes @risk
// REMARK-DAG:  `@risk` stays a network: model file `risk` cannot be used
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/empty.pdl.mlir")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %n = agent.infer (night = %x0) do (%night: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night) names ["Night"] query "Fraud" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Guard: a variable that the network does not have.
// CHECK-LABEL: builtin.module
// CHECK:       infer.bayes @risk
// REMARK-DAG:  `@risk` stays a network: the network has no variable `Hour`
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %n = agent.infer (hour = %x0) do (%hour: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%hour) names ["Hour"] query "Fraud" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Guard: another number of states than in the file.
// CHECK-LABEL: builtin.module
// CHECK:       infer.bayes @risk
// REMARK-DAG:  `@risk` stays a network: `Fraud` has 2 states in its file
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %n = agent.infer (night = %x0) do (%night: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night) names ["Night"] query "Fraud" states 3 : i64 : (tensor<?xi64>) -> (tensor<?x3xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x3xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// Guard: without evidence there is no batch.
// CHECK-LABEL: builtin.module
// CHECK:       infer.bayes @risk ()
// REMARK-DAG:  `@risk` stays a network: it has no evidence
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%s: f64) {
      %n = agent.infer (x = %s) do (%x: tensor<?xf64>) {
        %p, %ok = infer.bayes @risk () names [] query "Fraud" states 2 : i64 : () -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (f64) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}

// -----

// An empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NOT:   infer
builtin.module attributes {kumeo.level = "numeric"} {
}
