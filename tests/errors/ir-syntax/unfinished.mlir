workflow.workflow @W {
  workflow.source @s nats("a"
}
