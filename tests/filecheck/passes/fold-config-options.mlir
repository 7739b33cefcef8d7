// RUN: kumeo-opt %s -p 'fold-config{set="limit=0.75","hot=\"high\""}' | filecheck %s
// RUN: kumeo-opt %s -p 'fold-config{set="limit=0.75"},canonicalize' --check-semantics=2 --remarks 2>&1 | filecheck %s --check-prefix=MEANT
// RUN: not kumeo-opt %s -p 'fold-config{set="limt=0.75"}' 2>&1 | filecheck %s --check-prefix=NAME
// RUN: not kumeo-opt %s -p 'fold-config{set="limit=true"}' 2>&1 | filecheck %s --check-prefix=TYPE
// RUN: not kumeo-opt %s -p 'fold-config{set="limit"}' 2>&1 | filecheck %s --check-prefix=FORM

// Given values stand in the place of declared ones, also where a dynamic entry starts.
// CHECK:      workflow.config @limit : f64 = 7.500000e-01 : f64
// CHECK-NEXT: workflow.config @hot : !data.enum<"low", "high"> = "high" dynamic
// CHECK:      %l = data.constant 0.75 : f64
// CHECK-NEXT: %h = workflow.config_value @hot

// Other values are another program: `--check-semantics` begins after them.
// MEANT: fold-config: what it does is not checked: this pass means to change what workflows do

// A name that is not declared, a value of another type and a text that is no setting are refused.
// NAME: error[pass-failed]: pass `fold-config` failed: there is no config entry `limt`: write `limit`
// TYPE: error[pass-failed]: pass `fold-config` failed: the value for `limit` does not fit
// FORM: error[invalid-pass-option]: option `set` of pass `fold-config` is refused: `limit` is not `name=JSON`
workflow.workflow @Options {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.config @limit : f64 = 0.5 : f64
  workflow.config @hot : !data.enum<"low", "high"> = "low" dynamic
  workflow.on @s (%x: f64) {
    %l = workflow.config_value @limit : f64
    %h = workflow.config_value @hot : !data.enum<"low", "high">
    workflow.emit %l : f64 to @t site "l"
    workflow.emit %h : !data.enum<"low", "high"> to @t site "h"
    workflow.return
  }
}
