workflow.workflow @W {
  workflow.source @transactions nats("a") : f64
  workflow.target @alerts nats("b")
  workflow.on @transactions (%x: f64) {
    workflow.emit %x : f64 to @transactions site "a"
    workflow.emit %x : f64 to @alert site "b"
    workflow.return
  }
}
