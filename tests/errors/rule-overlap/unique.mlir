// RUN: kumeo-opt %s -p check-domains -o /dev/null
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%amount: f64) {
      %ten = data.constant 10.0 : f64
      %twenty = data.constant 20.0 : f64
      %large = data.compare gt, %amount, %ten : f64
      %small = data.compare lt, %amount, %twenty : f64
      %d = agent.decide first_match (large = %large, small = %small) outcomes ["large", "small"] id "size" site "size" attributes {hit_policy = "unique"} : (i1, i1) -> !data.record<{decision: !data.enum<"large", "small">, rule: !data.str, score: !data.option<f64>}>
      workflow.emit %d : !data.record<{decision: !data.enum<"large", "small">, rule: !data.str, score: !data.option<f64>}> to @t site "e"
      workflow.return
    }
  }
}
