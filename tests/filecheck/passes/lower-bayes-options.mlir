// RUN: kumeo-opt %s -p 'lower-bayes{precision=float64}' | filecheck %s --check-prefix=WIDE
// RUN: kumeo-opt %s -p 'lower-bayes{precision=float32}' | filecheck %s --check-prefix=NARROW
// RUN: kumeo-opt %s -p 'lower-bayes{precision=log bind_limit=0}' | filecheck %s --check-prefix=LOG
// RUN: kumeo-opt %s -p 'lower-bayes{bind_limit=0}' | filecheck %s --check-prefix=NOW
// RUN: kumeo-opt %s -p lower-bayes | filecheck %s --check-prefix=LATE
// RUN: not kumeo-opt %s -p 'lower-bayes{precision=half}' 2>&1 | filecheck %s --check-prefix=PRECISION
// RUN: not kumeo-opt %s -p 'lower-bayes{bind_limit=-1}' 2>&1 | filecheck %s --check-prefix=LIMIT

// The precision can be forced. Without late binding evidence is looked up in the network's own
// table, with three amounts; else in a table of the query and the alarm.
// WIDE:      infer.gather {{.*}} -> (tensor<2x?xf64>)
// WIDE-NOT:  f32
// NARROW:    infer.gather {{.*}} -> (tensor<2x?xf32>)
// NARROW:    %p = infer.cast
// LOG:       infer.exp
// LOG:       infer.log
// LOG-NOT:   infer.matmul
// NOW:       infer.gather {{.*}} : (tensor<3x2xf64>, tensor<?xi64>)
// LATE:      infer.gather {{.*}} : (tensor<2x2xf64>, tensor<?xi64>)
// LATE-NOT:  tensor<3x
// PRECISION: `precision` is one of auto, float32, float64, log
// LIMIT:     `bind_limit` is a number from 0 to
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @One {
    workflow.source @s nats("a") : !data.record<{x0: !data.enum<"yes", "no">, x1: !data.enum<"on", "off">}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x0: !data.enum<"yes", "no">, x1: !data.enum<"on", "off">}>) {
      %x0 = data.get %s["x0"] : !data.enum<"yes", "no">
      %x1 = data.get %s["x1"] : !data.enum<"on", "off">
      %n = agent.infer (night = %x0, alarm = %x1) do (%night: tensor<?xi64>, %alarm: tensor<?xi64>) {
        %p, %ok = infer.bayes @risk (%night, %alarm) names ["Night", "Alarm"] query "Fraud" states 2 : i64 : (tensor<?xi64>, tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
        infer.yield (%p, %ok) : (tensor<?x2xf64>, tensor<?xi1>) -> ()
      } id "i" site "i" : (!data.enum<"yes", "no">, !data.enum<"on", "off">) -> !data.record<{p: !data.list<f64>, ok: i1}>
      workflow.emit %n : !data.record<{p: !data.list<f64>, ok: i1}> to @t site "l"
      workflow.return
    }
  }
}
