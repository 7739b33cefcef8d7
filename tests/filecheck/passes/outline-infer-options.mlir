// RUN: kumeo-opt %s -p outline-infer | filecheck %s --check-prefix=ALL
// RUN: kumeo-opt %s -p 'outline-infer{networks=false}' | filecheck %s --check-prefix=NETWORKS
// RUN: kumeo-opt %s -p 'outline-infer{models=false}' | filecheck %s --check-prefix=MODELS
// RUN: kumeo-opt %s -p 'outline-infer{decisions=false}' | filecheck %s --check-prefix=DECISIONS
// RUN: kumeo-opt %s -O0 --level messaging | filecheck %s --check-prefix=NONE
// RUN: kumeo-opt %s -O1 --level messaging | filecheck %s --check-prefix=NONE
// RUN: kumeo-opt %s -O2 --level messaging | filecheck %s --check-prefix=FULL
// RUN: kumeo-opt %s -p outline-infer --check-semantics -o /dev/null
// RUN: kumeo-opt %s -p 'outline-infer{networks=false}' --check-semantics -o /dev/null
// RUN: kumeo-opt %s -p 'outline-infer{models=false}' --check-semantics -o /dev/null
// RUN: kumeo-opt %s -p 'outline-infer{decisions=false}' --check-semantics -o /dev/null

// Each kind of agent can stay out. What is computed is one program; a decision that reads what
// stays out stays out with it. `-O0` and `-O1` make no programs at all.
// ALL:            agent.infer
// ALL-DAG:        infer.onnx @score
// ALL-DAG:        infer.bayes @risk
// ALL-DAG:        infer.rules
// ALL:            infer.yield
// ALL-NOT:        agent.{{model|bayes|decide|infer }}
// NETWORKS:       agent.infer
// NETWORKS:       infer.onnx @score
// NETWORKS-NOT:   infer.{{bayes|rules}}
// NETWORKS:       agent.bayes @risk
// NETWORKS:       agent.decide first_match
// MODELS:         agent.model @score
// MODELS:         agent.infer
// MODELS-NOT:     infer.{{onnx|rules}}
// MODELS:         infer.bayes @risk
// MODELS:         agent.decide first_match
// DECISIONS:      agent.infer
// DECISIONS-NOT:  infer.rules
// DECISIONS-DAG:  infer.onnx @score
// DECISIONS-DAG:  infer.bayes @risk
// DECISIONS:      agent.decide first_match
// NONE-NOT:       agent.infer
// NONE:           agent.model @score
// NONE-NOT:       agent.infer
// NONE:           agent.bayes @risk
// NONE-NOT:       agent.infer
// NONE:           agent.decide first_match
// NONE-NOT:       agent.infer
// FULL:           agent.infer
// FULL-NOT:       agent.{{model|bayes|decide}}
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.model @score onnx("Inputs/score.onnx")
  workflow.workflow @Options {
    workflow.source @s nats("a") : !data.record<{n: !data.enum<"yes", "no">, x: f64}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{n: !data.enum<"yes", "no">, x: f64}>) {
      %x = data.get %s["x"] : f64
      %n = data.get %s["n"] : !data.enum<"yes", "no">
      %m = agent.model @score (x = %x) id "score" site "score" : (f64) -> !data.record<{score: f64}>
      %r = agent.bayes @risk (Night = %n) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %a = data.get %m["score"] : f64
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %b = data.get %f["yes"] : f64
      %sum = data.add %a, %b : f64
      %l = data.constant 0.75 : f64
      %c = data.compare gt, %sum, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["block"] default "pass" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"block", "pass">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"block", "pass">}> to @t site "x"
      workflow.return
    }
  }
}
