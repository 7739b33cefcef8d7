// RUN: kumeo-opt %s -t python

builtin.module attributes {kumeo.level = "messaging"} {
  agent.extern @score rust("rules:score") effects "pure" : (f64) -> f64
  workflow.workflow @Scores {
    workflow.source @amounts nats("amounts") : f64
    workflow.target @out nats("out")
    messaging.service "amounts" language "python" {
      messaging.handler "on.amounts" reads [@amounts] (%amount: f64) {
        %score = agent.call @score (%amount) effects "pure" id "score" site "score" : (f64) -> f64
        workflow.emit %score : f64 to @out site "out"
        agent.done
      }
    }
  }
}
