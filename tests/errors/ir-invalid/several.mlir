workflow.workflow @W {
  workflow.source @s carrier_pigeon("a") : f64
  workflow.on @s (%x: f64) {
    %m = agent.model @m () id "m" site "m" policy<attempts = 0> : () -> f64
    workflow.return
  }
}
