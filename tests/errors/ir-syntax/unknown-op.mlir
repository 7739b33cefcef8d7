workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.emitt %x : f64 to @t site "t"
    workflow.return
  }
}
