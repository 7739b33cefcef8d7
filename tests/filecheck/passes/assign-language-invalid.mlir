// Agents of two languages cannot be in one process.
// RUN: kumeo-opt %s -p assign-language --verify-diagnostics
agent.extern @py python("m:f") effects "pure" : (f64) -> f64
agent.extern @rs rust("m::f") effects "pure" : (f64) -> f64
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  // expected-error@+1 {{no language fits all agents of `@on.s`, `@run.b`: put them into stages of their own}}
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.call @py (%x) effects "pure" id "a" site "a" : (f64) -> f64
    agent.goto inline @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.call @rs (%a) effects "pure" id "b" site "b" : (f64) -> f64
    agent.done
  }
}
