// RUN: kumeo-opt %s -p outline-infer | filecheck %s
// RUN: kumeo-opt %s -p outline-infer -o /dev/null 2>&1 | filecheck %s --check-prefix=WARN
// RUN: kumeo-opt %s -p outline-infer --remarks -o /dev/null 2>&1 | filecheck %s --check-prefix=REMARK

// A question that costs too much stays an agent, with a warning; a cheap one to the same network
// goes in.
// WARN:         warning[network-too-costly]: the question `A1` of `dear` takes 34,832,384 multiply-adds
// CHECK-LABEL:  workflow.workflow @Dear
// CHECK-NOT:    agent.infer
// CHECK:        agent.bayes @plant {{.*}} id "dear"
// CHECK:        agent.infer
// CHECK:        infer.bayes @plant {{.*}} query "A1"
// CHECK:        id "cheap"
// WARN-NOT:     warning[
// REMARK-DAG:   `dear` stays as it is: its network takes 34,832,384 multiply-adds per row and a table of 33,554,432 entries: it is answered exactly, row by row
// REMARK-DAG:   `cheap` starts the program `infer.cheap`
!onoff = !data.enum<"off", "on">
!all = !data.record<{a: !onoff, b: !onoff, c: !onoff, d: !onoff, e: !onoff, f: !onoff, g: !onoff, h: !onoff, i: !onoff, j: !onoff}>
!answer = !data.record<{A1: !data.record<{ok: f64, broken: f64}>}>
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @plant bayesian("../../errors/network-too-costly/exact/plant.bif")
  workflow.workflow @Dear {
    workflow.source @s nats("a") : !all
    workflow.target @t nats("t")
    workflow.on @s (%s: !all) {
      %a = data.get %s["a"] : !onoff
      %b = data.get %s["b"] : !onoff
      %c = data.get %s["c"] : !onoff
      %d = data.get %s["d"] : !onoff
      %e = data.get %s["e"] : !onoff
      %f = data.get %s["f"] : !onoff
      %g = data.get %s["g"] : !onoff
      %h = data.get %s["h"] : !onoff
      %i = data.get %s["i"] : !onoff
      %j = data.get %s["j"] : !onoff
      %dear = agent.bayes @plant (XAB = %a, XAC = %b, XAD = %c, XAE = %d, XBC = %e, XBD = %f, XBE = %g, XCD = %h, XCE = %i, XDE = %j) query ["A1"] id "dear" site "dear" : (!onoff, !onoff, !onoff, !onoff, !onoff, !onoff, !onoff, !onoff, !onoff, !onoff) -> !answer
      %cheap = agent.bayes @plant (XAB = %a) query ["A1"] id "cheap" site "cheap" : (!onoff) -> !answer
      workflow.emit %dear : !answer to @t site "x"
      workflow.emit %cheap : !answer to @t site "y"
      workflow.return
    }
  }
}
