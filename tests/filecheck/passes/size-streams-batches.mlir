// RUN: kumeo-opt %s -p size-streams | filecheck %s

// A handler that waits for numeric programs alone takes as many events as a batch has rows. One
// that also waits for a language model does not.
// CHECK: messaging.handler "on.s" {{.*}} concurrency = 256 : i64
// CHECK: messaging.handler "on.q" {{.*}} concurrency = 64 : i64
builtin.module attributes {kumeo.level = "messaging"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    workflow.source @q nats("q") : f64
    workflow.target @t nats("t")
    messaging.stream "journal"
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
          infer.yield (%a) : (tensor<?xf64>) -> ()
        } id "n" site "n" : (f64) -> !data.record<{y: f64}>
        workflow.emit %n : !data.record<{y: f64}> to @t site "t"
        agent.done
      }
    }
    messaging.service "q" {
      messaging.handler "on.q" reads [@q] (%x: f64) {
        %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
          infer.yield (%a) : (tensor<?xf64>) -> ()
        } id "m" site "m" : (f64) -> !data.record<{y: f64}>
        %p = data.constant "Judge." : !data.str
        %said = agent.llm "p/m" (prompt = %p) id "l" site "l" : (!data.str) -> !data.str
        workflow.emit %said : !data.str to @t site "u"
        agent.done
      }
    }
  }
}
